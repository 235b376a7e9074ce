/**
 * One Azurite for the tests of a process: the first to ask starts it (in memory, on free ports, under a second), later ones reuse it.
 * It ends with that process, however that ends, so nothing stays behind a run that was killed.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';

export interface Azurite {
  readonly connectionString: string;
  /** A container of its own, made on first use. */
  container(): ContainerClient;
}

const account = 'devstoreaccount1';
/** Azurite's published development key. */
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

let running: Promise<Azurite> | undefined;

/** The Azurite of this test process. */
export const azurite = (): Promise<Azurite> => {
  running ??= start();
  return running;
};

async function start(): Promise<Azurite> {
  const entry = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const flags = ['--silent', '--disableTelemetry', '--skipApiVersionCheck', '--inMemoryPersistence'];
  const ports = ['blob', 'queue', 'table'].flatMap((service) => [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    '0',
  ]);
  // The IPC channel ties it to this process: Azurite would ignore a broken pipe, the guard below does not.
  const guard = `process.on('disconnect', () => process.exit(0)); process.argv.splice(1, 1); require(process.argv[1]);`;
  const child = spawn(process.execPath, ['-e', guard, '--', 'guard', entry, ...flags, ...ports], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (child.stdout === null) throw new Error('Azurite has no output to read its ports from');
  const found = await servicePorts(child.stdout);
  child.unref();
  child.channel?.unref();
  const endpoint = (service: string) => `http://127.0.0.1:${found.get(service)}/${account}`;
  const connectionString = [
    'DefaultEndpointsProtocol=http',
    `AccountName=${account}`,
    `AccountKey=${key}`,
    `BlobEndpoint=${endpoint('Blob')}`,
    `QueueEndpoint=${endpoint('Queue')}`,
    `TableEndpoint=${endpoint('Table')}`,
  ].join(';');
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  return { connectionString, container: () => blobs.getContainerClient(`test-${randomUUID()}`) };
}

/** Reads the ports from what Azurite prints: "Azurite Blob service is successfully listening at http://127.0.0.1:PORT". */
function servicePorts(output: NodeJS.ReadableStream): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    let text = '';
    output.on('data', (chunk) => {
      text += String(chunk);
      const lines = text.matchAll(/Azurite (\w+) service is successfully listening at http:\/\/127\.0\.0\.1:(\d+)/g);
      const ports = new Map([...lines].map(([, service = '', port = '']) => [service, port]));
      if (ports.size === 3) {
        (output as NodeJS.ReadableStream & { unref?(): void }).unref?.();
        resolve(ports);
      }
    });
    output.on('end', () => reject(new Error(`Azurite did not start: ${text}`)));
  });
}
