/** How jobs, locks, outcomes and successors lie in rows of Table storage. */
import type { TableEntityResult } from '@azure/data-tables';
import type { Job } from '../job/job.ts';
import type { LedgerEntry, StoredOutcome } from '../job/job-store.ts';

export type Row = TableEntityResult<Record<string, unknown>>;

/** Partitions: jobs and locks are few, and each lies in one; outcomes lie by job, successors by connector. */
export const jobs = 'jobs';
export const locks = 'locks';
/** Beside the jobs: one small row for each whose follow-ups wait. */
export const waiting = 'waiting';

/** A column holds 64 KiB of UTF-16; long JSON is spread over as many as it takes (an entity holds 1 MiB). */
const columnChars = 30_000;

/** Keys may not hold `/ \ # ?` or control characters. */
export const keyOf = (name: string): string => encodeURIComponent(name).replaceAll('%', '=');

/** Job ids begin with their time; turned round, so that the newest row is first. */
export function rowKeyOf(jobId: string): string {
  const digits = jobId.slice(0, 19).replace(/\d/g, (digit) => String(9 - Number(digit)));
  return keyOf(`${digits}${jobId}`);
}

/** Whether a text is the key of a job's row, as `rowKeyOf` makes them. */
export const isJobCursor = (text: string): boolean => /^\d{8}T\d{6}-\d{3}\d{8}T\d{6}-\d{3}Z-/.test(text);

/** @param text the job as JSON, sealed or not. */
export const jobRow = (job: Job, text: string) => ({
  partitionKey: jobs,
  rowKey: rowKeyOf(job.id),
  connectorId: job.connectorId,
  kind: job.kind,
  status: job.status,
  ...columnsOf(text),
});

/**
 * JSON in ASCII alone: a column may end anywhere without halving a character, and the storage emulator, which decodes large
 * requests piece by piece, cannot halve one either.
 */
const asciiOf = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

export function columnsOf(text: string): Record<string, string> {
  const json = asciiOf(text);
  const columns: Record<string, string> = {};
  for (let at = 0, column = 0; at < json.length; at += columnChars, column += 1) {
    columns[`json${column}`] = json.slice(at, at + columnChars);
  }
  return columns;
}

export function textOf(row: Row): string {
  let json = '';
  for (let column = 0; typeof row[`json${column}`] === 'string'; column += 1) json += row[`json${column}`];
  return json;
}

export const lockKey = (name: string) => ({ partitionKey: locks, rowKey: keyOf(name) });

export const outcomeKey = (chunk: number, index: number) =>
  `${String(chunk).padStart(6, '0')}-${String(index).padStart(6, '0')}`;

export function outcomeOf(row: Row, json: string): StoredOutcome {
  const [chunk, index] = (row.rowKey ?? '').split('-').map(Number);
  return { chunk: chunk ?? 0, index: index ?? 0, json };
}

export const ledgerRow = (connectorId: string, entry: LedgerEntry) => ({
  partitionKey: connectorId,
  rowKey: keyOf(entry.oldId),
  ...entry,
});

/** The same entry under the new id, in a partition of its own. */
export const successorPartition = (connectorId: string): string => keyOf(`${connectorId}/by-new-id`);

export const successorRow = (connectorId: string, entry: LedgerEntry & { readonly newId: string }) => ({
  ...ledgerRow(connectorId, entry),
  partitionKey: successorPartition(connectorId),
  rowKey: keyOf(entry.newId),
});

export const ledgerEntryOf = (row: Row): LedgerEntry => ({
  oldId: String(row.oldId),
  ...(typeof row.newId === 'string' ? { newId: row.newId } : {}),
  jobId: String(row.jobId),
  createdDateTime: String(row.createdDateTime),
  ...(typeof row.run === 'string' ? { run: row.run } : {}),
  ...(typeof row.replaced === 'string' ? { replaced: row.replaced } : {}),
});
