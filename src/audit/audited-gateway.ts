/** A gateway that notes each write in the audit log before its caller hears of the outcome. */
import type { DirectoryGateway, Write, WriteResult } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { isAppError } from '../errors.ts';
import { type AuditedJob, type AuditedWrite, type AuditLine, auditLine } from './audit-line.ts';
import type { AuditLog } from './audit-log.ts';

export interface AuditedGateway extends DirectoryGateway {
  /** Notes what an earlier run of the same step must have written, and did not live to note. */
  noteEarlier(write: Write, createdId?: Id): Promise<void>;
}

/** Where the values of a write are kept. */
export type ValuesOf = (write: AuditedWrite) => { readonly before?: string; readonly after?: string };

export function audited(
  gateway: DirectoryGateway,
  log: AuditLog,
  job: AuditedJob,
  now: () => Date,
  valuesOf: ValuesOf,
): AuditedGateway {
  const created = new Set<Id>();
  const lineOf = (write: AuditedWrite, outcome: AuditLine['outcome'], createdId?: Id): AuditLine => {
    const { before, ...values } = valuesOf(write);
    // What this very job has made had no values before.
    const isNew = 'id' in write && created.has(write.id);
    return auditLine(job, write, outcome, {
      time: now().toISOString(),
      ...(createdId === undefined ? {} : { createdId }),
      ...(before === undefined || isNew ? {} : { before }),
      ...values,
    });
  };
  const note = (lines: readonly AuditLine[]) => log.append(job.connectorId, lines);

  return {
    ...gateway,
    noteEarlier: (write, createdId) => note([lineOf(write, 'unknown', createdId)]),
    async apply(writes) {
      const results = await gateway.apply(writes).catch(async (error: unknown) => {
        await note(writes.map((write) => lineOf(write, 'uncertain')));
        throw error;
      });
      const lines = writes.map((write, index) => {
        const result: WriteResult = results[index] ?? { ok: false, problem: 'uncertain' };
        const createdId = write.write === 'create' && result.ok ? result.id : undefined;
        if (createdId !== undefined) created.add(createdId);
        return lineOf(write, result.ok ? 'done' : result.problem, createdId);
      });
      await note(lines);
      return results;
    },
    async issuePass(id) {
      try {
        const pass = await gateway.issuePass(id);
        await note([lineOf({ write: 'pass', id }, 'done')]);
        return pass;
      } catch (error) {
        if (isAppError(error, 'forbidden', 'throttled', 'refused', 'unsupported', 'not-found'))
          await note([lineOf({ write: 'pass', id }, isAppError(error, 'forbidden') ? 'forbidden' : 'refused')]);
        throw error;
      }
    },
  };
}
