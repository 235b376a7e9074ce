/**
 * Recreating someone from outside (R24): by an invitation, of which Graph sends no message, then by laying the snapshot over what it has made. There is
 * no password: the person signs in elsewhere, once the invitation is accepted. As with every creation the intent stands in the ledger before
 * (R35, R36). Two runs at once make one guest: an address belongs to one object (graph-facts 6), and is answered with the guest that it has.
 */
import { addressOutside, invitationOf } from '../directory/guests.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { reasonOf, refusalOf, writeAttributes } from './attribute-writing.ts';
import type { Creation } from './creating.ts';
import { type NoteMade, untold, withIntent } from './creation-intent.ts';
import type { JobContext } from './job-context.ts';
import { asDecided } from './new-users.ts';
import { conflictNote, type ObjectPlan, planObject } from './object-plan.ts';
import { appeared } from './undeleting.ts';

/** Whom only an invitation brings back. */
export const isInvited = ({ name }: Pick<Kind, 'name'>, { body }: DirectoryRecord): boolean =>
  name === 'users' && addressOutside(body) !== undefined;

export const inviteAgain = (
  context: JobContext,
  kind: Kind,
  record: DirectoryRecord,
  plan: ObjectPlan,
): Promise<Creation> =>
  withIntent(context, record.id, 'guarded', (noteMade) => invite(context, kind, record, plan, noteMade));

/** An invitation of an address that somebody has is answered with that user: who is another person of the snapshot, or what became of one, is not ours. */
async function isSomebodyElse({ reader, jobs, connectorId }: JobContext, id: Id, invited: Id): Promise<boolean> {
  if ((await reader.held('users', [invited])).has(invited)) return true;
  const before = (await jobs.predecessors(connectorId, [invited])).get(invited);
  return before !== undefined && before.oldId !== id && (await reader.held('users', [before.oldId])).has(before.oldId);
}

async function invite(
  context: JobContext,
  kind: Kind,
  record: DirectoryRecord,
  { attributes, skipped, invites: address = '' }: ObjectPlan,
  noteMade: NoteMade,
): Promise<Creation> {
  const invitation = { ...invitationOf(record.body, address), standsFor: record.id };
  const [result] = await context.gateway.apply([{ write: 'invite', ...invitation }]);
  if (result === undefined || (!result.ok && result.problem === 'uncertain')) return untold;
  if (!result.ok)
    return result.problem === 'conflict'
      ? { done: false, lookAgain: true, reason: reasonOf(result) }
      : { done: false, lookAgain: false, ...(await refusalOf(context, result)) };
  const newId = result.id;
  if (newId === undefined) return untold;
  if (await isSomebodyElse(context, record.id, newId)) {
    const note = conflictNote({ conflictingIds: [newId] });
    return { done: false, lookAgain: false, reason: 'proxy-conflict', ...note };
  }
  await noteMade(newId);

  const candidate = await appeared(context, kind, newId);
  const wanted = asDecided(context.request, kind.name, record);
  const captured = context.reader.captured(kind.name);
  const left = new Set(skipped.map(({ name }) => name));
  const differing =
    candidate === undefined
      ? attributes
      : planObject(kind, wanted, { how: 'id', candidate }, captured, { onExisting: 'overwrite' }).attributes;
  const open = Object.fromEntries(Object.entries(differing).filter(([name]) => !left.has(name)));
  const patched = await writeAttributes(context, kind, newId, open);
  const settled = Object.keys(attributes).filter((name) => !(name in open));
  return {
    done: true,
    newId,
    carried: [],
    attributes: [...settled.map((name) => ({ name, result: 'done' as const })), ...patched],
  };
}
