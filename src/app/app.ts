/** The app, put together once per process: settings read, adapters picked. A wrong setting stops the start with every complaint. */
import { readConfig } from './config.ts';
import { createServices, defaultConnector } from './services.ts';

export const config = readConfig(process.env);
export const services = createServices(config);
export { defaultConnector };
