/** JSON documents and newline-delimited JSON in a Bucket. */
import type { Bucket } from './bucket.ts';

export async function getJson<T>(bucket: Pick<Bucket, 'get'>, name: string): Promise<T | undefined> {
  const bytes = await bucket.get(name);
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as T);
}

export const putJson = (bucket: Bucket, name: string, value: unknown): Promise<void> =>
  bucket.put(name, Buffer.from(JSON.stringify(value)));

/** One value a line; the values in order. Undefined when there is no such blob. */
export async function getLines<T>(bucket: Bucket, name: string): Promise<T[] | undefined> {
  const bytes = await bucket.get(name);
  if (bytes === undefined) return undefined;
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

export const putLines = (bucket: Bucket, name: string, values: readonly unknown[]): Promise<void> =>
  bucket.put(name, Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join('')));
