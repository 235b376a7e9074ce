/** The ledger of ids in a table: who became whom, under the old id and, in a partition of its own, under the new one. */
import type { TableClient } from '@azure/data-tables';
import { beforeIntent, type JobStore, type LedgerEntry, mayAppear, replacing } from '../job/job-store.ts';
import { unless } from './azure-errors.ts';
import { keyOf, ledgerEntryOf, ledgerRow, type Row, successorPartition, successorRow } from './table-rows.ts';

/** Point reads side by side when many ids are looked up. */
const readsAtOnce = 16;

/** How tables are reached: each call bounded in time, its errors those of storage. */
export interface TableAccess {
  run<T>(table: TableClient, what: string, act: (abortSignal: AbortSignal) => Promise<T>): Promise<T>;
  get(table: TableClient, partition: string, row: string): Promise<Row | undefined>;
  /** False when the row is there already. */
  insert(table: TableClient, row: { partitionKey: string; rowKey: string }): Promise<boolean>;
}

type Ledger = Pick<JobStore, 'intend' | 'withdraw' | 'recordSuccessor' | 'successors' | 'predecessors'>;

export function createTableLedger(table: TableClient, { run, get, insert }: TableAccess): Ledger {
  const replace = (connectorId: string, entry: LedgerEntry, { etag }: Row) =>
    run(table, 'write a row', (abortSignal) =>
      table.updateEntity(ledgerRow(connectorId, entry), 'Replace', { etag, abortSignal }).catch(unless(404, 412)),
    );

  async function entries(partition: string, ids: readonly string[]): Promise<Map<string, LedgerEntry>> {
    const found = new Map<string, LedgerEntry>();
    const open = [...new Set(ids)];
    const readNext = async (): Promise<void> => {
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        const row = await get(table, partition, keyOf(id));
        if (row !== undefined) found.set(id, ledgerEntryOf(row));
      }
    };
    await Promise.all(Array.from({ length: readsAtOnce }, readNext));
    return found;
  }

  return {
    async intend(connectorId, entry, staleBefore) {
      for (;;) {
        if (await insert(table, ledgerRow(connectorId, entry))) return entry;
        const row = await get(table, connectorId, keyOf(entry.oldId));
        if (row === undefined) continue;
        const stands = ledgerEntryOf(row);
        if (mayAppear(stands, entry.jobId) && stands.createdDateTime >= staleBefore) return stands;
        const meant = replacing(entry, stands);
        if ((await replace(connectorId, meant, row)) !== undefined) return meant;
      }
    },

    async withdraw(connectorId, { oldId, run: mine }) {
      const row = await get(table, connectorId, keyOf(oldId));
      if (row === undefined || row.run !== mine || row.newId !== undefined) return;
      const before = beforeIntent(ledgerEntryOf(row));
      if (before !== undefined) await replace(connectorId, before, row);
      else
        await run(table, 'delete a row', (abortSignal) =>
          table.deleteEntity(connectorId, keyOf(oldId), { etag: row.etag, abortSignal }).catch(unless(404, 412)),
        );
    },

    async recordSuccessor(connectorId, entry) {
      // The way back first: whoever finds the successor finds its predecessor, too.
      for (const row of [successorRow(connectorId, entry), ledgerRow(connectorId, entry)])
        await run(table, 'write a row', (abortSignal) => table.upsertEntity(row, 'Replace', { abortSignal }));
    },

    successors: (connectorId, oldIds) => entries(connectorId, oldIds),
    predecessors: (connectorId, newIds) => entries(successorPartition(connectorId), newIds),
  };
}
