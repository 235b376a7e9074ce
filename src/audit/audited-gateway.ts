/** A gateway that notes each write in the audit log before its caller hears of the outcome. */
import type { DirectoryGateway, Write, WriteResult } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { isAppError } from '../errors.ts';
import { type AuditedJob, type AuditedWrite, type AuditLine, auditLine, type ValuesAt } from './audit-line.ts';
import type { AuditLog } from './audit-log.ts';

export interface AuditedGateway extends DirectoryGateway {
  /** @param keptIn per write, for one whose values before and after are kept in the steps that it carries out: the blobs with these. */
  apply(writes: readonly Write[], keptIn?: readonly (readonly string[])[]): Promise<readonly WriteResult[]>;
  /** Notes what an earlier run of the same step must have written, and did not live to note. */
  noteEarlier(write: Write, createdId?: Id): Promise<void>;
}

/** Where the values of a write are kept. */
export type ValuesOf = (write: AuditedWrite) => Values;

interface Values {
  readonly before?: ValuesAt;
  readonly after?: ValuesAt;
}

function inSteps(blobs: readonly string[] | undefined): Values | undefined {
  const [only, ...more] = blobs ?? [];
  if (only === undefined) return undefined;
  const at: ValuesAt = more.length === 0 ? only : [only, ...more];
  return { before: at, after: at };
}

export function audited(
  gateway: DirectoryGateway,
  log: AuditLog,
  job: AuditedJob,
  now: () => Date,
  valuesOf: ValuesOf,
): AuditedGateway {
  const created = new Set<Id>();
  const lineOf = (
    write: AuditedWrite,
    outcome: AuditLine['outcome'],
    { createdId, kept }: { readonly createdId?: Id; readonly kept?: readonly string[] } = {},
  ): AuditLine => {
    const steps = inSteps(kept);
    const { before, ...values } = steps ?? valuesOf(write);
    // What this very job has made had no values before.
    const isNew = steps === undefined && 'id' in write && created.has(write.id);
    return auditLine(job, write, outcome, {
      time: now().toISOString(),
      ...(createdId === undefined ? {} : { createdId }),
      ...(before === undefined || isNew ? {} : { before }),
      ...values,
    });
  };
  const of = (kept: readonly string[] | undefined) => (kept === undefined ? {} : { kept });
  const note = (lines: readonly AuditLine[]) => log.append(job.connectorId, lines);

  return {
    ...gateway,
    noteEarlier: (write, createdId) => note([lineOf(write, 'unknown', createdId === undefined ? {} : { createdId })]),
    async apply(writes, keptIn = []) {
      const results = await gateway.apply(writes).catch(async (error: unknown) => {
        await note(writes.map((write, index) => lineOf(write, 'uncertain', of(keptIn[index]))));
        throw error;
      });
      const lines = writes.map((write, index) => {
        const result: WriteResult = results[index] ?? { ok: false, problem: 'uncertain' };
        const isNew = write.write === 'create' || write.write === 'invite';
        const createdId = isNew && result.ok ? result.id : undefined;
        if (createdId !== undefined) created.add(createdId);
        return lineOf(write, result.ok ? 'done' : result.problem, {
          ...of(keptIn[index]),
          ...(createdId === undefined ? {} : { createdId }),
        });
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
