/** The Bucket over one container of Azure Blob storage. The container is made on first use where the identity may do so. */
import type { ContainerClient } from '@azure/storage-blob';
import { answerMs, within } from '../deadline.ts';
import type { Bucket } from '../storage/bucket.ts';
import { isFull, statusOf, storageError } from './azure-errors.ts';

/** Every method throws `storage-unreachable` once the client's own retries are used up, or after `mostMs` (a list: for each page). */
export function createBlobBucket(container: ContainerClient, mostMs = answerMs): Bucket {
  let ready: Promise<unknown> | undefined;

  /** Creates the container once per process; a failure is not remembered. */
  const prepare = (): Promise<unknown> => {
    ready ??= within(mostMs, (abortSignal) => container.createIfNotExists({ abortSignal })).catch((error: unknown) => {
      ready = undefined;
      // An identity with data rights only may not create containers: then the deployment has made it.
      if (statusOf(error) !== 403) throw error;
    });
    return ready;
  };

  const run = async <T>(what: string, act: (abortSignal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      await prepare();
      return await within(mostMs, act);
    } catch (error) {
      throw storageError(error, `${what} in container ${container.containerName}`);
    }
  };

  const absent = (error: unknown): undefined => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  };

  const upload = (
    name: string,
    bytes: Uint8Array,
    abortSignal: AbortSignal,
    conditions: { ifNoneMatch?: string } = {},
  ) => container.getBlockBlobClient(name).upload(bytes, bytes.length, { conditions, abortSignal });

  /** One request, unlike `downloadToBuffer`; the SDK goes on where a stream breaks. */
  const download = async (
    name: string,
    abortSignal: AbortSignal,
    offset?: number,
    length?: number,
  ): Promise<Uint8Array | undefined> => {
    try {
      const options = { maxRetryRequests: 3, abortSignal };
      const answer = await container.getBlobClient(name).download(offset, length, options);
      return answer.readableStreamBody === undefined ? undefined : await collect(answer.readableStreamBody);
    } catch (error) {
      if (statusOf(error) === 416) return new Uint8Array();
      return absent(error);
    }
  };

  return {
    put: (name, bytes) =>
      run('write a blob', async (signal) => {
        await upload(name, bytes, signal);
      }),

    putIfAbsent: (name, bytes) =>
      run('write a blob', async (signal) => {
        try {
          await upload(name, bytes, signal, { ifNoneMatch: '*' });
          return true;
        } catch (error) {
          if (statusOf(error) === 409 || statusOf(error) === 412) return false;
          throw error;
        }
      }),

    append: (name, bytes) =>
      run('append to a blob', async (abortSignal) => {
        const blob = container.getAppendBlobClient(name);
        const add = () => blob.appendBlock(bytes, bytes.length, { abortSignal });
        try {
          await add().catch(async (error: unknown) => {
            if (statusOf(error) !== 404) throw error;
            await blob.createIfNotExists({ abortSignal });
            await add();
          });
          return true;
        } catch (error) {
          if (isFull(error)) return false;
          throw error;
        }
      }),

    get: (name) => run('read a blob', (signal) => download(name, signal)),
    getRange: (name, offset, length) => run('read a blob', (signal) => download(name, signal, offset, length)),

    exists: (name) => run('look for a blob', (abortSignal) => container.getBlobClient(name).exists({ abortSignal })),

    async *list(prefix) {
      const pages = container.listBlobsFlat({ prefix }).byPage({ maxPageSize: 5_000 });
      for (;;) {
        const page = await run('list blobs', () => pages.next());
        if (page.done) return;
        for (const { name, properties } of page.value.segment.blobItems) {
          yield {
            name,
            bytes: properties.contentLength ?? 0,
            modifiedDateTime: properties.lastModified.toISOString(),
          };
        }
      }
    },

    delete: (name) =>
      run('delete a blob', async (abortSignal) => {
        await container.getBlobClient(name).delete({ abortSignal }).catch(absent);
      }),
  };
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}
