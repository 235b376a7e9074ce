/**
 * What a new group takes along: its first owners and members, for whom no further write is needed (graph-facts 4.4: at creation up to twenty owners
 * and members together). Only such as are there already; all others are linked when every object is there.
 */
import { kindOfType } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, refId, refType } from '../directory/record.ts';
import { type Relation, type RelationName, relationOf } from '../directory/relations.ts';
import { apart } from './apart.ts';
import { idsNow, type KnownAs } from './ids-now.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import { manyById } from './lookups.ts';
import { isDynamic } from './object-plan.ts';

/** So many Graph takes with a group. */
const atMost = 20;

/** A link by the live id of its target. */
export interface Companion {
  readonly relation: Extract<RelationName, 'owners' | 'members'>;
  readonly target: Id;
}

/** Tells a written link, in live ids of both ends. */
export const linkKeyOf = (relation: string, source: Id, target: Id): string => `${relation} ${source} ${target}`;

/**
 * The companions of a group that is to be made. None where links are not all to be restored, or are to be as a plan has them; and none of a group
 * that may hold roles, whose members may have to wait, or to leave again (H05, R45).
 */
export async function companionsOf(context: JobContext, record: DirectoryRecord): Promise<readonly Companion[]> {
  const { request, reader } = context;
  if (request.links === 'skip' || request.planId || record.body.isAssignableToRole === true) return [];
  const links = (await reader.linksOf([record.id])).get(record.id) ?? {};
  const unknown = reader.linksNotCaptured('groups');
  const isWanted = ({ forward, inverse }: Relation) =>
    !unknown.includes(forward) && wantsLinks(context, forward) && wantsLinks(context, inverse);
  const first: (KnownAs & Pick<Companion, 'relation'>)[] = [];
  for (const name of ['owners', 'members'] as const) {
    const relation = relationOf(name);
    if (!isWanted(relation) || (name === 'members' && isDynamic(record.body))) continue;
    for (const ref of links[relation.forward] ?? []) {
      const kind = kindOfType(refType(ref))?.name;
      if (kind !== undefined && refId(ref) !== record.id) first.push({ relation: name, kind, id: refId(ref) });
    }
  }
  return present(context, first.slice(0, atMost));
}

async function present(
  context: JobContext,
  wanted: readonly (KnownAs & Pick<Companion, 'relation'>)[],
): Promise<readonly Companion[]> {
  const renamed = await idsNow(context, wanted);
  return apart(
    context,
    wanted.map(({ kind, id, relation }) => ({ kind, relation, target: renamed.get(id) ?? id })),
    async (some) => {
      const found = await context.gateway.find(some.map(({ kind, target }) => manyById(kind, target)));
      return some.flatMap(({ relation, target }, at) => ((found[at] ?? []).length > 0 ? [{ relation, target }] : []));
    },
    () => [],
  );
}
