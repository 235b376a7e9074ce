/** Live links of one object in as few requests as Graph allows (graph-facts 1.1, 3.3), under the names its record uses. */
import type { LinkQuery, LinksOf } from '../directory/gateway.ts';
import { type KindName, kindOf } from '../directory/kinds.ts';
import { type Id, type JsonObject, type Ref, refType } from '../directory/record.ts';
import { relations } from '../directory/relations.ts';
import { type Call, isOk, read } from './call.ts';
import type { Transport } from './client.ts';
import { errorOf } from './errors.ts';
import { collect } from './finding.ts';
import type { Lane } from './lane.ts';
import { listedByIds } from './listing.ts';
import { targetRef } from './reading.ts';

const page = { $select: 'id', $top: 999 } as const;

interface LinkRead {
  readonly names: readonly string[];
  readonly call: (id: string) => Call;
  /** The answer is the object itself with its one link, not a collection. */
  readonly single?: string;
}

/**
 * Which request tells which names. One `memberOf` gives groups and units alike. The manager comes with the user, since a plain
 * `…/manager` says 404 for "no manager" and "no user" alike. `sponsorOf` can be asked from the sponsored end only.
 */
const linkReads: Partial<Record<KindName, readonly LinkRead[]>> = {
  users: [
    { names: ['memberOf', 'administrativeUnits'], call: (id) => read('/users/{id}/memberOf', [id], page) },
    { names: ['ownedObjects'], call: (id) => read('/users/{id}/ownedObjects', [id], page) },
    { names: ['directReports'], call: (id) => read('/users/{id}/directReports', [id], page) },
    { names: ['sponsors'], call: (id) => read('/users/{id}/sponsors', [id], page) },
    {
      names: ['manager'],
      call: (id) => read('/users/{id}', [id], { $select: 'id', $expand: 'manager($select=id)' }),
      single: 'manager',
    },
  ],
  groups: [
    { names: ['memberOf', 'administrativeUnits'], call: (id) => read('/groups/{id}/memberOf', [id], page) },
    { names: ['members'], call: (id) => read('/groups/{id}/members', [id], page) },
    { names: ['owners'], call: (id) => read('/groups/{id}/owners', [id], page) },
  ],
  administrativeUnits: [
    { names: ['members'], call: (id) => read('/directory/administrativeUnits/{id}/members', [id], page) },
  ],
};

type Expanded = ReadonlyMap<string, Promise<ReadonlyMap<Id, JsonObject>>>;

/** In the order of the queries. Names that cannot be read are absent; undefined where the object does not exist. */
export function linksOfEach(
  lane: Lane,
  transport: Transport,
  queries: readonly LinkQuery[],
): Promise<(LinksOf | undefined)[]> {
  const expanded = expandedIn(lane, queries);
  return Promise.all(queries.map((query) => linksOfOne(lane, transport, query, expanded)));
}

/** Links of which a user has so few that lists of users give them whole: one manager, five sponsors. One `$expand` a request (graph-facts 3.1). */
const expandable = ['manager', 'sponsors'];

function expandedIn(lane: Lane, queries: readonly LinkQuery[]): Expanded {
  const found = new Map<string, Promise<ReadonlyMap<Id, JsonObject>>>();
  for (const name of expandable) {
    const ids = new Set(queries.flatMap(({ kind, names, id }) => (kind === 'users' && names.includes(name) ? id : [])));
    if (ids.size < 2) continue;
    found.set(name, listedByIds(lane, '/users', [...ids], { $select: 'id', $expand: `${name}($select=id)` }));
  }
  return found;
}

async function linksOfOne(
  lane: Lane,
  transport: Transport,
  query: LinkQuery,
  expanded: Expanded,
): Promise<LinksOf | undefined> {
  const reads = (linkReads[query.kind] ?? []).filter(({ names }) => names.some((name) => query.names.includes(name)));
  const found = await Promise.all(
    reads.map(async (linkRead) => {
      const [name = ''] = linkRead.names;
      const user = query.kind === 'users' ? (await expanded.get(name))?.get(query.id) : undefined;
      // A list may lag behind: whom it lacks is asked for alone.
      const refs = user === undefined ? await refsOf(lane, transport, linkRead, query.id) : refsIn(user, name);
      return { linkRead, refs };
    }),
  );
  const links: Record<string, readonly Ref[]> = {};
  for (const { linkRead, refs } of found) {
    if (refs === undefined) return undefined;
    for (const name of linkRead.names.filter((name) => query.names.includes(name))) {
      links[name] = refs.filter((target) => belongs(query.kind, name, target));
    }
  }
  return links;
}

async function refsOf(
  lane: Lane,
  transport: Transport,
  { call, single }: LinkRead,
  id: string,
): Promise<readonly Ref[] | undefined> {
  if (single === undefined) {
    return (await collect(lane, transport, call(id)))?.flatMap((entity) => targetRef(entity) ?? []);
  }
  const asked = call(id);
  const answer = await lane.submit(asked);
  if (answer.status === 404) return undefined;
  if (!isOk(answer)) throw errorOf(asked, answer);
  return refsIn(answer.body as JsonObject, single);
}

const refsIn = (user: JsonObject, name: string): readonly Ref[] =>
  [user[name]].flat().flatMap((end) => targetRef(typed(end, 'user')) ?? []);

/** An expanded entity may come without its type. */
const typed = (entity: JsonObject[string] | undefined, type: string): JsonObject | undefined =>
  typeof entity === 'object' && entity !== null && !Array.isArray(entity)
    ? { '@odata.type': `#microsoft.graph.${type}`, ...(entity as JsonObject) }
    : undefined;

/** Links of the object's own are all its own; those pointing at it count only from the kind that the relation starts at. */
function belongs(kind: KindName, name: string, target: Ref): boolean {
  const forward = relations.some((relation) => relation.source === kind && relation.forward === name);
  if (forward) return true;
  return relations.some((relation) => relation.inverse === name && kindOf(relation.source).type === refType(target));
}
