/** The ConnectorStore over one small table, made on first use. */
import type { TableClient } from '@azure/data-tables';
import type { ConnectorStore, StoredConnector } from '../connectors/connector-store.ts';
import { answerMs, within } from '../deadline.ts';
import { statusOf, storageError } from './azure-errors.ts';
import { columnsOf, keyOf, type Row, textOf } from './table-rows.ts';

export const connectorTable = 'connectors';

const partition = 'connectors';

export function createTableConnectorStore(table: TableClient, mostMs = answerMs): ConnectorStore {
  let ready: Promise<unknown> | undefined;
  const run = async <T>(what: string, act: (abortSignal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      ready ??= within(mostMs, (abortSignal) => table.createTable({ abortSignal })).catch((error: unknown) => {
        ready = undefined;
        // An identity with data rights only may not create tables: then the deployment has made them.
        if (statusOf(error) !== 403 && statusOf(error) !== 409) throw error;
      });
      await ready;
      return await within(mostMs, act);
    } catch (error) {
      throw storageError(error, `${what} in table ${table.tableName}`);
    }
  };
  return {
    get: (id) =>
      run('read a row', async (abortSignal) => {
        try {
          return storedOf(await table.getEntity<Record<string, unknown>>(partition, keyOf(id), { abortSignal }));
        } catch (error) {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),

    list: () =>
      run('list rows', async (abortSignal) => {
        const found: StoredConnector[] = [];
        for await (const row of table.listEntities<Record<string, unknown>>({ abortSignal })) found.push(storedOf(row));
        return found;
      }),

    async put(stored) {
      const row = { partitionKey: partition, rowKey: keyOf(stored.connector.id), ...columnsOf(JSON.stringify(stored)) };
      await run('write a row', (abortSignal) => table.upsertEntity(row, 'Replace', { abortSignal }));
    },
  };
}

const storedOf = (row: Row): StoredConnector => JSON.parse(textOf(row)) as StoredConnector;
