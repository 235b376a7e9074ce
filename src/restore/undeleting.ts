/** Bringing an object back from the bin (R16-R22): it keeps its id and its links; then the snapshot is laid over it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Candidate, WriteResult } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { reasonOf } from './attribute-writing.ts';
import type { JobContext } from './job-context.ts';
import { type ObjectPlan, planObject } from './object-plan.ts';
import { type Base, ended, overlay, type Try } from './overlay.ts';
import { objectOptions } from './planning.ts';

/** Waits until the object can be read again: together about a minute. */
const waitsMs = [500, 2_000, 5_000, 10_000, 20_000];

export async function undelete(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  plan: ObjectPlan,
  base: Base,
): Promise<Try> {
  const id = plan.targetId ?? record.id;
  const [first] = await context.gateway.apply([{ write: 'undelete', kind: definition.name, id }]);
  const rename = first === undefined || first.ok ? undefined : newNameFor(context, definition, record, first);
  const [result] =
    rename === undefined
      ? [first]
      : await context.gateway.apply([{ write: 'undelete', kind: definition.name, id, rename }]);
  if (result === undefined) return { reason: 'graph-error' };
  if (!result.ok) {
    if (result.problem === 'uncertain' || result.problem === 'missing') return { reason: 'graph-error' };
    const reason = reasonOf(result);
    const note = reason === 'name-conflict' ? await holderNote(context, record) : {};
    return { outcome: { ...ended(base, 'failed', reason), ...note } };
  }
  const live = await appeared(context, definition, id);
  const fresh =
    live === undefined
      ? plan
      : planObject(definition, record, { how: 'id', candidate: live }, context.reader.captured(definition.name), {
          ...objectOptions(context),
          onExisting: 'overwrite',
        });
  const kept = rename === undefined ? fresh : withoutName(fresh);
  return { outcome: await overlay(context, definition, record, kept, id, base, ['undelete']) };
}

/** With `onNameConflict: rename` (R20): a name that nobody else has, made of the old one and the object id. */
function newNameFor(
  { request }: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  failure: WriteResult,
): string | undefined {
  if (
    request.onNameConflict !== 'rename' ||
    definition.name !== 'users' ||
    failure.ok ||
    failure.problem !== 'conflict'
  )
    return undefined;
  const [local, domain] = String(record.body.userPrincipalName ?? '').split('@');
  return domain === undefined ? undefined : `${local}.restored.${record.id.slice(0, 8)}@${domain}`;
}

/** The name stays the new one, and the report says why. */
function withoutName(plan: ObjectPlan): ObjectPlan {
  const { userPrincipalName: _held, ...attributes } = plan.attributes;
  return {
    ...plan,
    attributes,
    skipped: [...plan.skipped, { name: 'userPrincipalName', result: 'skipped', reason: 'name-conflict' }],
  };
}

/** Who has the name by now (R20). */
async function holderNote({ gateway }: JobContext, { body }: DirectoryRecord): Promise<{ note?: string }> {
  const value = body.userPrincipalName;
  if (typeof value !== 'string') return {};
  const [holders] = await gateway.find([{ by: 'property', kind: 'users', property: 'userPrincipalName', value }]);
  return holders?.[0] === undefined ? {} : { note: `In the way: ${holders[0].id}.` };
}

/** The object once it can be read again after its undelete; undefined when replication takes longer than we wait. */
async function appeared(context: JobContext, definition: Kind, id: Id): Promise<Candidate | undefined> {
  for (const waitMs of [...waitsMs, 0]) {
    const [found] = await context.gateway.find([{ by: 'id', kind: definition.name, id }]);
    if (found?.[0] !== undefined) return found[0];
    await pause(waitMs);
  }
  return undefined;
}
