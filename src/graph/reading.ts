/**
 * Reading whole sources page by page (graph-facts 2, 3.3, 11): users, groups and units by delta with their links, the rest by list.
 * A cursor is Graph's own link; its fragment, which no server sees, tells what Graph's links do not: that the round began with a delta link,
 * or the delta link that was taken before users were listed.
 */

import type { Change, Cursor, ListedOfUsers, Page, SourceName } from '../directory/gateway.ts';
import { isGuarded } from '../directory/guarded-properties.ts';
import { type Kind, kindOf } from '../directory/kinds.ts';
import { cleanBody, type Id, type Json, type JsonObject, type Ref, ref } from '../directory/record.ts';
import { type Relation, relationOf, relationsFrom } from '../directory/relations.ts';
import { AppError } from '../errors.ts';
import { type Call, isOk, read } from './call.ts';
import type { Transport } from './client.ts';
import type { GraphLimits } from './config.ts';
import { errorOf, graphProblem, isExpiredLink } from './errors.ts';
import type { Lane } from './lane.ts';
import { entitiesOf, listedByIds } from './listing.ts';
import { sendPersistently } from './persistence.ts';
import { itemOf, sortedItems } from './user-items.ts';

const onlyChanges = '#only-changes';

/** @throws AppError as the port says; `token-expired` for a link that Graph does not honour any more. */
export async function readPage(
  transport: Transport,
  limits: GraphLimits,
  source: SourceName,
  cursor?: Cursor,
  also: readonly string[] = [],
): Promise<Page> {
  const listing = cursor === undefined ? undefined : listingIn(cursor);
  const minimal = cursor !== undefined && (cursor.endsWith(onlyChanges) || /[?&](\$|%24)deltatoken=/i.test(cursor));
  const first = listing === undefined ? firstCall(source, also) : read(kindOf('users').collection);
  const call: Call = {
    ...first,
    ...(cursor === undefined ? {} : { path: listing?.path ?? transport.pathOf(cursor) }),
    // Not carried by links, so sent with every page of the round (graph-facts 2.1, 3.1).
    ...(minimal ? { headers: { Prefer: 'return=minimal' } } : {}),
  };
  const answer = await sendPersistently(transport, call, limits);
  if (!isOk(answer)) {
    // A tenant without Privileged Identity Management has no roles by schedule.
    if (graphProblem(answer).code === 'AadPremiumLicenseRequired') return { changes: [] };
    if (cursor === undefined || !isExpiredLink(answer)) throw errorOf(call, answer);
    throw new AppError(
      'token-expired',
      `the ${source} must be read from the beginning: Graph has forgotten the page link`,
    );
  }
  const body = answer.body as JsonObject | undefined;
  const next = body?.['@odata.nextLink'];
  const deltaLink = listing?.deltaLink ?? body?.['@odata.deltaLink'];
  const changes = entitiesOf(body).flatMap((entity) => changesOf(source, entity));
  if (cursor === undefined && isListedFirst(source))
    return { changes, next: firstListing(kindOf(source), also, deltaLink) };
  if (typeof next === 'string') return { changes, next: `${next}${listing?.fragment ?? (minimal ? onlyChanges : '')}` };
  return { changes, ...(typeof deltaLink === 'string' ? { deltaLink } : {}) };
}

/**
 * Users cost less when they are listed, 999 for two units, than when delta tells them from the beginning, 200 for one (graph-facts 11); a delta
 * link taken before tells what changes meanwhile. Their manager fits into the list, members of groups would not.
 */
const isListedFirst = (source: SourceName): source is 'users' => source === 'users';

const thenMark = '#then=';

/** @throws AppError `graph-unreachable` when Graph gave no link to go on from later. */
function firstListing(kind: Kind, also: readonly string[], deltaLink: Json | undefined): Cursor {
  if (typeof deltaLink !== 'string')
    throw new AppError('graph-unreachable', `Graph gave no delta link of ${kind.name}; try again`);
  const [manager] = deltaRelations(kind).map(({ forward }) => `${forward}($select=id)`);
  const { path } = read(kind.collection, [], { $select: selected(kind, also), $expand: manager ?? '', $top: 999 });
  return `${path}${thenMark}${encodeURIComponent(deltaLink)}`;
}

/** Where a listing goes on, and the delta link it ends with; undefined for a page of another kind. */
function listingIn(cursor: Cursor): { path?: string; fragment: string; deltaLink: string } | undefined {
  const mark = cursor.indexOf(thenMark);
  if (mark === -1) return undefined;
  const fragment = cursor.slice(mark);
  return {
    // The first page is ours, all others are links of Graph.
    ...(cursor.startsWith('/') ? { path: cursor.slice(0, mark) } : {}),
    fragment,
    deltaLink: decodeURIComponent(fragment.slice(thenMark.length)),
  };
}

/** What a listed source says of these users alone. @throws AppError as the port says. */
export async function readListed(
  lane: Lane,
  source: ListedOfUsers,
  ids: readonly Id[],
): Promise<ReadonlyMap<Id, readonly Change[]>> {
  const found = await listedByIds(lane, '/users', ids, listedQuery[source]);
  return new Map([...found].map(([id, entity]) => [id, changesOf(source, entity)]));
}

/** At most five sponsors a user, so the twenty that `$expand` gives are all of them. */
const listedQuery = {
  sponsors: { $select: 'id', $expand: 'sponsors($select=id)', $top: 999 },
  appRoleAssignments: { $select: 'id', $expand: 'appRoleAssignments', $top: 999 },
  customSecurityAttributes: { $select: ['id', 'customSecurityAttributes'], $top: 999 },
  employeeLeaveDateTime: { $select: ['id', 'employeeLeaveDateTime'], $top: 999 },
} as const satisfies Readonly<Record<ListedOfUsers, object>>;

const isListed = (source: SourceName): source is ListedOfUsers => source in listedQuery;

function firstCall(source: SourceName, also: readonly string[]): Call {
  if (isListed(source)) return read('/users', [], listedQuery[source]);
  const kind = kindOf(source);
  if (kind.read === 'list') return read(kind.collection, [], { $select: selected(kind) });
  const links = deltaRelations(kind).map(({ forward }) => forward);
  const latest = isListedFirst(source) ? { $deltatoken: 'latest' } : {};
  return read(`${kind.collection}/delta`, [], { $select: [...selected(kind, also), ...links], ...latest });
}

export const selected = (kind: Kind, also: readonly string[] = []): readonly string[] => [
  'id',
  ...kind.captured,
  ...also,
];

const deltaRelations = (kind: Kind): readonly Relation[] =>
  relationsFrom(kind.name).filter((relation) => relation.read === 'delta');

function changesOf(source: SourceName, entity: JsonObject): Change[] {
  const id = String(entity.id);
  if (source === 'sponsors') return linkChanges(relationOf('sponsors'), id, asArray(entity.sponsors));
  if (source === 'appRoleAssignments') {
    const items = asArray(entity.appRoleAssignments).map((role) => itemOf(role as JsonObject));
    return [{ change: 'detail', detail: source, id, items: sortedItems(items) }];
  }
  if (isGuarded(source)) {
    const body = { [source]: entity[source] ?? null };
    return [{ change: 'also', kind: 'users', id, body }];
  }
  const kind = kindOf(source);
  const removed = entity['@removed'];
  if (removed !== undefined) {
    const gone = (removed as JsonObject | null)?.reason === 'deleted';
    return [{ change: 'remove', kind: kind.name, id, gone }];
  }
  const told = deltaRelations(kind);
  const links = told.flatMap((relation) => linkChanges(relation, id, targetsIn(entity, relation)));
  const body = cleanBody(
    Object.fromEntries(Object.entries(entity).filter(([name]) => !told.some(({ forward }) => forward === name))),
  );
  // A further slice of a large group, or a round in which only links changed, names the object and nothing of it.
  const bare = Object.keys(body).length === 0 && links.length > 0;
  return bare ? links : [{ change: 'set', kind: kind.name, id, body }, ...links];
}

function linkChanges(relation: Relation, id: string, targets: readonly Json[]): Change[] {
  const source = ref(kindOf(relation.source).type, id);
  return targets.flatMap((entry) => {
    const target = targetRef(entry);
    if (target === undefined) return [];
    const change = (entry as JsonObject)['@removed'] === undefined ? 'link' : 'unlink';
    return [{ change, relation: relation.name, source, target } as const];
  });
}

/** As delta tells them, or as a list expands the one there is. */
function targetsIn(entity: JsonObject, { forward, single }: Relation): readonly Json[] {
  const expanded = single ? entity[forward] : undefined;
  return expanded === undefined || expanded === null ? asArray(entity[`${forward}@delta`]) : [expanded];
}

/** `{"@odata.type":"#microsoft.graph.user","id":…}` -> `user/…`; of a target without type only the id is known. */
export function targetRef(entry: Json | undefined): Ref | undefined {
  const { id, '@odata.type': type } = (entry ?? {}) as { readonly id?: Json; readonly '@odata.type'?: Json };
  if (typeof id !== 'string') return undefined;
  return ref(typeof type === 'string' ? type.slice(type.lastIndexOf('.') + 1) : 'directoryObject', id);
}

const asArray = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
