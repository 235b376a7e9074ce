/** What a running test system has in its tables, as whoever may read storage sees it. */
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { tableNames } from '../../src/azure/table-job-store.ts';
import type { TestSystem } from './system.ts';

const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Every row of jobs, locks, outcomes and ledger, as JSON. */
export async function storedRows({ system }: Pick<TestSystem, 'system'>): Promise<string[]> {
  const rows: string[] = [];
  for (const name of tableNames) {
    const table = new TableClient(system.storage.table, name, new AzureNamedKeyCredential(account, key), {
      allowInsecureConnection: true,
    });
    for await (const row of table.listEntities()) rows.push(JSON.stringify(row));
  }
  return rows;
}
