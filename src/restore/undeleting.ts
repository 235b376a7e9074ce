/** Bringing an object back from the bin (R16-R22): it keeps its id and its links; then the snapshot is laid over it. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Candidate, sought, type WriteResult } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { reasonOf, refusalOf } from './attribute-writing.ts';
import type { JobContext } from './job-context.ts';
import { withoutName } from './name-rings.ts';
import { withUnknown } from './not-captured.ts';
import { type ObjectPlan, planObject } from './object-plan.ts';
import { type Base, ended, overlay, type Try } from './overlay.ts';
import { objectOptions } from './planning.ts';
import type { Reason } from './reasons.ts';

/** Waits until the object can be read again: together about a minute. */
const waitsMs = [500, 2_000, 5_000, 10_000, 20_000];

/** @param isHeldBack its name is not given back yet. */
export async function undelete(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  plan: ObjectPlan,
  base: Base,
  isHeldBack: boolean,
): Promise<Try> {
  const id = plan.targetId ?? record.id;
  const [first] = await context.gateway.apply([{ write: 'undelete', kind: definition.name, id }]);
  const giveWay = first === undefined || first.ok ? undefined : waysFor(context, definition, record, first);
  const [result] =
    giveWay === undefined
      ? [first]
      : await context.gateway.apply([{ write: 'undelete', kind: definition.name, id, giveWay }]);
  if (result === undefined) return { reason: 'graph-error' };
  if (!result.ok) {
    if (result.problem === 'uncertain' || result.problem === 'missing') return { reason: 'graph-error' };
    const touched = { kind: definition.name, id, isSensitive: true, isDeleted: true };
    const refusal = await refusalOf(context, result, touched);
    const note = await holderNote(context, record, refusal.reason);
    return { outcome: { ...ended(base, 'failed', refusal.reason), ...refusal, ...note } };
  }
  const live = await appeared(context, definition, id);
  const fresh =
    live === undefined
      ? plan
      : withUnknown(
          context,
          definition,
          planObject(definition, record, { how: 'id', candidate: live }, context.reader.captured(definition.name), {
            ...objectOptions(context),
            onExisting: 'overwrite',
          }),
        );
  const open = isHeldBack ? withoutName(fresh) : fresh;
  const kept = giveWay === undefined ? open : givenWay(open, giveWay.rename !== undefined);
  return { outcome: await overlay(context, definition, record, kept, id, base, ['undelete']) };
}

/** With `onNameConflict: rename` (R20): without taken addresses, and where the name is taken under one that nobody else has. */
function waysFor(
  { request }: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  failure: Extract<WriteResult, { ok: false }>,
): { rename?: string } | undefined {
  if (request.onNameConflict !== 'rename' || definition.name !== 'users' || failure.problem !== 'conflict')
    return undefined;
  if (reasonOf(failure) === 'proxy-conflict') return {};
  const [local, domain] = String(record.body.userPrincipalName ?? '').split('@');
  return domain === undefined ? undefined : { rename: `${local}.restored.${record.id.slice(0, 8)}@${domain}` };
}

/** What was given up stays so, and the report says why. */
function givenWay(plan: ObjectPlan, renamed: boolean): ObjectPlan {
  const names = renamed ? ['userPrincipalName'] : ['mail', 'proxyAddresses'];
  const reason = renamed ? 'name-conflict' : 'proxy-conflict';
  const given = names.filter(
    (name) => renamed || name in plan.attributes || plan.skipped.some((skip) => skip.name === name),
  );
  return {
    ...plan,
    attributes: Object.fromEntries(Object.entries(plan.attributes).filter(([name]) => !names.includes(name))),
    skipped: [
      ...plan.skipped.filter(({ name }) => !names.includes(name)),
      ...given.map((name) => ({ name, result: 'skipped' as const, reason: reason as Reason })),
    ],
  };
}

/** Who has the name, or an address, by now (R20). */
async function holderNote(
  { gateway }: JobContext,
  { id, body }: DirectoryRecord,
  reason: Reason,
): Promise<{ note?: string }> {
  const { userPrincipalName, proxyAddresses = [] } = body;
  const taken =
    reason === 'name-conflict'
      ? [['userPrincipalName', userPrincipalName] as const]
      : reason === 'proxy-conflict'
        ? [proxyAddresses].flat().map((address) => ['proxyAddresses', address] as const)
        : [];
  const found = await gateway.find(
    taken.flatMap(([property, value]) =>
      typeof value === 'string' ? [{ by: 'property' as const, kind: 'users' as const, property, value }] : [],
    ),
  );
  const holders = [...new Set(found.flat().map((holder) => holder.id))].filter((holder) => holder !== id);
  return holders.length === 0 ? {} : { note: `In the way: ${holders.join(', ')}.` };
}

/** The object once it can be read again after its undelete; undefined when replication takes longer than we wait. */
async function appeared(context: JobContext, definition: Kind, id: Id): Promise<Candidate | undefined> {
  for (const waitMs of [...waitsMs, 0]) {
    const [found] = await context.gateway.find([{ by: 'id', ...sought(definition), id }]);
    if (found?.[0] !== undefined) return found[0];
    await pause(waitMs);
  }
  return undefined;
}
