/**
 * The audit log of a connector: append-only blobs, a day each, a JSON line for each write to the directory. Many activities of one process
 * write to it at once: while one append is under way the lines of the others gather for the next, so that a write costs no request of its own.
 */
import type { Bucket } from '../storage/bucket.ts';
import type { AuditLine } from './audit-line.ts';

export interface AuditLog {
  /** Kept when it returns; kept twice where an answer of storage was lost. Throws `storage-unreachable`. */
  append(connectorId: string, lines: readonly AuditLine[]): Promise<void>;
}

/** One append takes at most so many lines: well under the 4 MiB of a block. */
const linesAtOnce = 2_000;

const folder = (connectorId: string) => `${connectorId}/audit/`;
const nameOf = (connectorId: string, day: string, part: number) =>
  `${folder(connectorId)}${day}/${String(part).padStart(4, '0')}.ndjson`;

interface Waiting {
  readonly line: AuditLine;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export function createAuditLog(bucket: Bucket): AuditLog {
  const queues = new Map<string, Waiting[]>();
  const parts = new Map<string, number>();

  /** A full blob is followed by the next one of the day. */
  async function write(connectorId: string, day: string, lines: readonly AuditLine[]): Promise<void> {
    const key = `${connectorId}/${day}`;
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (let part = parts.get(key) ?? 0; ; part += 1) {
      parts.set(key, part);
      if (await bucket.append(nameOf(connectorId, day, part), bytes)) return;
    }
  }

  async function drain(connectorId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, linesAtOnce);
      try {
        const byDay = Map.groupBy(batch, ({ line }) => line.time.slice(0, 10));
        for (const [day, some] of byDay) {
          const lines = some.map(({ line }) => line);
          await write(connectorId, day, lines);
        }
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    queues.delete(connectorId);
  }

  return {
    async append(connectorId, lines) {
      const queue = queues.get(connectorId) ?? [];
      const kept = lines.map((line) => new Promise<void>((done, failed) => queue.push({ line, done, failed })));
      if (!queues.has(connectorId) && queue.length > 0) {
        queues.set(connectorId, queue);
        void drain(connectorId, queue);
      }
      await Promise.all(kept);
    },
  };
}

export interface AuditPage {
  readonly value: readonly AuditLine[];
  readonly cursor?: string;
}

const cursorForm = /^(\d{4}-\d\d-\d\d\/\d{4})-(\d+)$/;
const readAtOnce = 1_048_576;

export interface AuditQuery {
  /** ISO 8601 UTC; lines of this time and later, up to, and without, `to`. */
  readonly from?: string;
  readonly to?: string;
  readonly top: number;
  readonly cursor?: string;
}

/** Lines in the order they were written. Undefined for a cursor that is not ours. */
export async function readAudit(
  bucket: Bucket,
  connectorId: string,
  query: AuditQuery,
): Promise<AuditPage | undefined> {
  const { from = '', to = '9999', top } = query;
  const place = query.cursor === undefined ? undefined : cursorForm.exec(query.cursor);
  if (place === null) return undefined;
  const [, first = '', offset = '0'] = place ?? [];
  const value: AuditLine[] = [];
  for await (const { name } of bucket.list(folder(connectorId))) {
    const blob = name.slice(folder(connectorId).length, -'.ndjson'.length);
    const day = blob.slice(0, 10);
    if (blob < first || day < from.slice(0, 10) || day > to.slice(0, 10)) continue;
    let at = blob === first ? Number(offset) : 0;
    for await (const { line, bytes } of linesFrom(bucket, name, at)) {
      if (value.length === top) return { value, cursor: `${blob}-${at}` };
      at += bytes;
      const told = JSON.parse(line) as AuditLine;
      if (told.time >= from && told.time < to) value.push(told);
    }
  }
  return { value };
}

async function* linesFrom(bucket: Bucket, name: string, start: number) {
  let rest = Buffer.alloc(0);
  for (let at = start; ; at += readAtOnce) {
    const bytes = await bucket.getRange(name, at, readAtOnce);
    if (bytes === undefined || bytes.length === 0) return;
    rest = Buffer.concat([rest, bytes]);
    let from = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, from)) {
      yield { line: rest.toString('utf8', from, end), bytes: end + 1 - from };
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (bytes.length < readAtOnce) return;
  }
}
