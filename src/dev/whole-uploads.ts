/**
 * Preloaded (`node --import`) into Azurite: lets an upload into its store only once all of its bytes are here.
 *
 * Azurite 3.35 pipes the request into one of fifty places in its files. When the client dies before the pipe stands, the pipe waits
 * for an end that came already, the place is never free again, and after fifty such deaths no blob can be written any more. When it
 * dies later, the file is closed under a write still to come. Hosts are killed in the middle of uploads here, on purpose.
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

type Append = (this: unknown, data: AsyncIterable<Buffer> | Buffer, contextId?: string) => Promise<unknown>;

if (isMainThread) {
  const store = createRequire(import.meta.url)('azurite/dist/src/common/persistence/FSExtentStore.js') as {
    readonly default: { readonly prototype: { appendExtent: Append } };
  };
  const { prototype } = store.default;
  const append = prototype.appendExtent;
  prototype.appendExtent = async function appendWhole(data, contextId) {
    return append.call(this, Buffer.isBuffer(data) ? data : await whole(data), contextId);
  };
}

/** Throws when the stream was cut off, or had been before anybody read it. */
async function whole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
