/** The JobStore over four tables of Azure Table storage, made on first use: jobs, locks, outcomes, successors. */
import { odata, type TableClient } from '@azure/data-tables';
import { answerMs, within } from '../deadline.ts';
import { AppError } from '../errors.ts';
import type { Job } from '../job/job.ts';
import { hasEnded } from '../job/job.ts';
import type { JobStore, StoredOutcome, WaitingJob } from '../job/job-store.ts';
import { createTextSeal, type TextSeal } from '../storage/sealed-text.ts';
import { statusOf, storageError, unless } from './azure-errors.ts';
import { createTableLedger } from './table-ledger.ts';
import {
  columnsOf,
  isJobCursor,
  jobRow,
  jobs,
  keyOf,
  lockKey,
  locks,
  outcomeKey,
  outcomeOf,
  type Row,
  rowKeyOf,
  textOf,
  waiting,
} from './table-rows.ts';

export const tableNames = ['jobs', 'locks', 'outcomes', 'ledger'] as const;
export type Tables = Readonly<Record<(typeof tableNames)[number], TableClient>>;

/** Tries of an optimistic update: activities of one job that end together meet here. */
const updateTries = 12;

/**
 * Every method throws `storage-unreachable` once the client's own retries are used up, or a call took `mostMs`; those that read or write jobs and
 * outcomes also what `texts` throws.
 */
export function createTableJobStore(
  tables: Tables,
  mostMs = answerMs,
  texts: TextSeal = createTextSeal(undefined),
): JobStore {
  const ready = new Map<TableClient, Promise<unknown>>();
  const prepare = (table: TableClient): Promise<unknown> => {
    const making =
      ready.get(table) ??
      within(mostMs, (abortSignal) => table.createTable({ abortSignal })).catch((error: unknown) => {
        ready.delete(table);
        // An identity with data rights only may not create tables: then the deployment has made them.
        if (statusOf(error) !== 403 && statusOf(error) !== 409) throw error;
      });
    ready.set(table, making);
    return making;
  };
  const run = async <T>(
    table: TableClient,
    what: string,
    act: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    try {
      await prepare(table);
      return await within(mostMs, act);
    } catch (error) {
      throw storageError(error, `${what} in table ${table.tableName}`);
    }
  };
  const get = (table: TableClient, partition: string, row: string): Promise<Row | undefined> =>
    run(table, 'read a row', (abortSignal) =>
      table.getEntity<Record<string, unknown>>(partition, row, { abortSignal }).catch(unless(404)),
    );
  /** False when the row is there already. */
  const insert = (table: TableClient, row: { partitionKey: string; rowKey: string }): Promise<boolean> =>
    run(
      table,
      'write a row',
      async (abortSignal) => (await table.createEntity(row, { abortSignal }).catch(unless(409))) !== undefined,
    );

  const store: JobStore = {
    async create(job) {
      await insert(tables.jobs, await rowOf(job));
    },

    async get(jobId) {
      const row = await get(tables.jobs, jobs, rowKeyOf(jobId));
      return row === undefined ? undefined : jobOf(row);
    },

    update: (jobId, fields) => change(jobId, (job) => (hasEnded(job) ? undefined : { ...job, ...fields })),
    amend: (jobId, make) => change(jobId, (job) => (hasEnded(job) ? make(job) : undefined)),

    async markWaiting({ jobId, connectorId }) {
      await insert(tables.jobs, { partitionKey: waiting, rowKey: keyOf(jobId), ...{ jobId, connectorId } });
    },

    async unmarkWaiting(jobId) {
      await run(tables.jobs, 'delete a row', (abortSignal) =>
        tables.jobs.deleteEntity(waiting, keyOf(jobId), { abortSignal }).catch(unless(404)),
      );
    },

    waitingJobs: () =>
      run(tables.jobs, 'list rows', async (abortSignal) => {
        const found: WaitingJob[] = [];
        const queryOptions = { filter: odata`PartitionKey eq ${waiting}` };
        for await (const row of tables.jobs.listEntities<Record<string, unknown>>({ queryOptions, abortSignal }))
          found.push({ jobId: String(row.jobId), connectorId: String(row.connectorId) });
        return found;
      }),

    list: ({ connectorId, kind, status, top, cursor }) =>
      run(tables.jobs, 'list rows', async (abortSignal) => {
        if (cursor !== undefined && !isJobCursor(cursor))
          throw new AppError(
            'invalid-input',
            'The cursor is not one of this list. Leave it out to begin at the first page.',
          );
        const conditions = [
          odata`PartitionKey eq ${jobs}`,
          odata`connectorId eq ${connectorId}`,
          ...(kind === undefined ? [] : [odata`kind eq ${kind}`]),
          ...(status === undefined ? [] : [odata`status eq ${status}`]),
          ...(cursor === undefined ? [] : [odata`RowKey gt ${cursor}`]),
        ];
        const found: { job: Job; rowKey: string }[] = [];
        for await (const row of tables.jobs.listEntities<Record<string, unknown>>({
          queryOptions: { filter: conditions.join(' and ') },
          abortSignal,
        })) {
          if (found.length === top) return { jobs: found.map(({ job }) => job), cursor: found.at(-1)?.rowKey ?? '' };
          found.push({ job: await jobOf(row), rowKey: row.rowKey ?? '' });
        }
        return { jobs: found.map(({ job }) => job) };
      }),

    async lock(name, jobId) {
      for (;;) {
        if (await insert(tables.locks, { ...lockKey(name), ...{ jobId } })) return jobId;
        const row = await get(tables.locks, locks, keyOf(name));
        // Gone between the two calls: try again.
        if (row !== undefined) return String(row.jobId);
      }
    },

    async takeOver(name, from, jobId) {
      const row = await get(tables.locks, locks, keyOf(name));
      if (row === undefined || row.jobId !== from) return false;
      return run(tables.locks, 'write a row', async (abortSignal) => {
        const done = await tables.locks
          .updateEntity({ ...lockKey(name), jobId }, 'Replace', { etag: row.etag, abortSignal })
          .catch(unless(412, 404));
        return done !== undefined;
      });
    },

    async unlock(name, jobId) {
      const row = await get(tables.locks, locks, keyOf(name));
      if (row?.jobId !== jobId) return;
      await run(tables.locks, 'delete a row', (abortSignal) =>
        tables.locks.deleteEntity(locks, keyOf(name), { etag: row.etag, abortSignal }).catch(unless(412, 404)),
      );
    },

    async putOutcome(jobId, { chunk, index, json }) {
      const rowKey = outcomeKey(chunk, index);
      const row = { partitionKey: jobId, rowKey, ...columnsOf(await texts.seal(json, `${jobId}/${rowKey}`)) };
      await run(tables.outcomes, 'write a row', (abortSignal) =>
        tables.outcomes.upsertEntity(row, 'Replace', { abortSignal }),
      );
    },

    async getOutcome(jobId, chunk, index) {
      const row = await get(tables.outcomes, jobId, outcomeKey(chunk, index));
      return row === undefined ? undefined : stored(row);
    },

    outcomes: (jobId, chunk) =>
      run(tables.outcomes, 'list rows', async (abortSignal) => {
        const [from, to] = [outcomeKey(chunk, 0), outcomeKey(chunk + 1, 0)];
        const filter = odata`PartitionKey eq ${jobId} and RowKey ge ${from} and RowKey lt ${to}`;
        const found: StoredOutcome[] = [];
        for await (const row of tables.outcomes.listEntities<Record<string, unknown>>({
          queryOptions: { filter },
          abortSignal,
        }))
          found.push(await stored(row));
        return found;
      }),

    countOutcomes: (jobId) =>
      run(tables.outcomes, 'list rows', async (abortSignal) => {
        let count = 0;
        const queryOptions = { filter: odata`PartitionKey eq ${jobId}`, select: ['rowKey'] };
        for await (const _ of tables.outcomes.listEntities({ queryOptions, abortSignal })) count += 1;
        return count;
      }),

    ...createTableLedger(tables.ledger, { run, get, insert }),
  };
  return store;

  async function rowOf(job: Job) {
    return jobRow(job, await texts.seal(JSON.stringify(job), `${jobs}/${rowKeyOf(job.id)}`));
  }

  async function jobOf(row: Row): Promise<Job> {
    return JSON.parse(await texts.open(textOf(row), `${jobs}/${row.rowKey}`)) as Job;
  }

  async function stored(row: Row): Promise<StoredOutcome> {
    return outcomeOf(row, await texts.open(textOf(row), `${row.partitionKey}/${row.rowKey}`));
  }

  /** Writes what `make` makes of a job's record, unless that is nothing; asked again when the record changed meanwhile. */
  async function change(jobId: string, make: (job: Job) => Job | undefined): Promise<boolean> {
    for (let tries = 0; ; tries += 1) {
      const row = await get(tables.jobs, jobs, rowKeyOf(jobId));
      const made = row === undefined ? undefined : make(await jobOf(row));
      if (row === undefined || made === undefined) return false;
      const next = await rowOf(made);
      const done = await run(tables.jobs, 'write a row', (abortSignal) =>
        tables.jobs.updateEntity(next, 'Replace', { etag: row.etag, abortSignal }).catch((error: unknown) => {
          if (statusOf(error) === 412 && tries < updateTries) return undefined;
          throw error;
        }),
      );
      if (done !== undefined) return true;
    }
  }
}
