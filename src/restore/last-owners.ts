/** A Microsoft 365 group keeps its last owner (graph-facts 9): Graph takes nobody away who is the only user among them. */
import { type Id, type JsonObject, refId, refType } from '../directory/record.ts';
import { apart } from './apart.ts';
import type { JobContext } from './job-context.ts';
import type { LinkStep } from './links.ts';
import { isMicrosoft365 } from './object-plan.ts';
import type { Refusal } from './refusals.ts';

export const keptOwner: Refusal = {
  reason: 'graph-error',
  note: 'Graph refuses to take away the last owner of a group. Give it another one first, then remove this one by hand.',
};

const isOwners = ({ relation, act }: LinkStep, as: LinkStep['act']): boolean => relation === 'owners' && act === as;

/** Of steps that would leave such a group without any owner, one is skipped, and says why. @param bodyOf a group, by its live id. */
export async function keepLastOwners(
  context: JobContext,
  steps: readonly LinkStep[],
  bodyOf: (id: Id) => JsonObject | undefined,
): Promise<LinkStep[]> {
  const losing = steps.filter((step) => isOwners(step, 'unlink') && isMicrosoft365(bodyOf(step.source) ?? {}));
  const groups = [...Map.groupBy(losing, ({ source }) => source)];
  const owners = await ownersOf(
    context,
    groups.map(([id]) => id),
  );
  const kept = new Set(
    groups.flatMap(([id, lost]) => {
      const had = [...(owners.get(id) ?? [])].sort();
      const stays = had.some((owner) => lost.every(({ target }) => target !== owner));
      const isGiven = steps.some((step) => isOwners(step, 'link') && step.source === id);
      return stays || isGiven ? [] : lost.filter(({ target }) => target === had[0]);
    }),
  );
  return steps.map((step) => (kept.has(step) ? { ...step, act: 'skip', ...keptOwner } : step));
}

/** The users among the owners of live groups; of one that cannot be read, or is none, nothing. */
export async function ownersOf(context: JobContext, groups: readonly Id[]): Promise<ReadonlyMap<Id, readonly Id[]>> {
  const found = await apart<Id, readonly [Id, readonly Id[]]>(
    context,
    groups,
    async (some) => {
      const links = await context.gateway.readLinks(some.map((id) => ({ kind: 'groups', id, names: ['owners'] })));
      return some.map((id, at) => {
        const owners = links[at]?.owners ?? [];
        return [id, owners.filter((owner) => refType(owner) === 'user').map(refId)];
      });
    },
    () => [],
  );
  return new Map(found);
}
