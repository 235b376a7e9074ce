/** The one listening socket. It binds before the app is loaded, so that a taken port shows at once, and answers 503 until then. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import type { Handler } from './functions.ts';
import { sendProblem } from './problem.ts';

export interface HostServer {
  readonly port: number;
  /** From now on requests go to the first handler whose path prefix fits. */
  serve(handlers: readonly (readonly [prefix: string, handler: Handler])[]): void;
  close(): Promise<void>;
}

/** Binds 127.0.0.1. Throws StartError when the port is in use. */
export async function listen(port: number, log: Log): Promise<HostServer> {
  let routes: readonly (readonly [string, Handler])[] = [];
  const server = createServer((request, response) => {
    const base = `http://${request.headers.host ?? `127.0.0.1:${port}`}`;
    const url = URL.canParse(request.url ?? '', base) ? new URL(request.url ?? '', base) : undefined;
    if (url === undefined) return sendProblem(response, 400, 'invalid-input', 'The request line holds no valid path.');
    const handler = routes.find(([prefix]) => url.pathname.startsWith(prefix))?.[1];
    if (handler === undefined) return sendProblem(response, 503, 'starting', 'The host is still starting.');
    handler(request, response, url).catch((error: unknown) => {
      log.error({ err: error }, 'request failed');
      if (response.headersSent) response.destroy();
      else sendProblem(response, 500, 'internal', 'The local host failed; its log tells why.');
    });
  });
  await bind(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    serve(handlers) {
      routes = handlers;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.code ?? error.message})`;
      reject(new StartError(`Port ${port} ${reason}.`));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
