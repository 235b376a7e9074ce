/** Whether the app can do its work: storage and Graph answer. */
import type { Services } from '../services.ts';
import { type Handle, json } from './handling.ts';
import { probeBoth } from './starting.ts';

export const getHealth =
  (services: Services, connectorId: string): Handle =>
  async () => {
    await probeBoth(services, connectorId);
    return json({ status: 'ok' });
  };
