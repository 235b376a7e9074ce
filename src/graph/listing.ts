/** Lists of Graph, and single objects asked for many to a request (L:api/resources/user and group: `id` takes `in`). */
import type { Id, Json, JsonObject } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import { address, type Call, isOk, read } from './call.ts';
import { errorOf } from './errors.ts';
import type { Lane } from './lane.ts';

/** `in` takes no more values (Learn, known issues of query parameters). A `$top` below twenty takes 1 RU off, so each list costs 1. */
const valuesOfIn = 15;

type Query = Readonly<Record<string, string | number | readonly string[]>>;

/** What a list says of these users or groups, by id. It may lag behind single reads. @throws AppError as the port says. */
export async function listedByIds(
  lane: Lane,
  collection: string,
  ids: readonly Id[],
  query: Query,
): Promise<ReadonlyMap<Id, JsonObject>> {
  const found = await listedBy(lane, collection, 'id', ids, query);
  return new Map(found.map((entity) => [String(entity.id), entity]));
}

/** All of a collection that have one of these values, which no two share. */
export async function listedBy(
  lane: Lane,
  collection: string,
  property: string,
  values: readonly string[],
  query: Query,
): Promise<readonly JsonObject[]> {
  const some = Array.from({ length: Math.ceil(values.length / valuesOfIn) }, (_, at) =>
    values.slice(at * valuesOfIn, (at + 1) * valuesOfIn),
  );
  const lists = await Promise.all(
    some.map(async (wanted) => {
      const call = read(collection, [], { ...query, $filter: oneOf(property, wanted), $top: valuesOfIn });
      const answer = await lane.submit(call);
      if (!isOk(answer)) throw errorOf(call, answer);
      return entitiesOf(answer.body);
    }),
  );
  return lists.flat();
}

/** `getByIds` takes no more. With a `$select` each request costs 2 RU, whatever the types (graph-facts 1.1). */
const idsOfGetByIds = 1_000;

/** Of these ids, those of live objects. */
export async function presentIds(lane: Lane, ids: readonly Id[]): Promise<ReadonlySet<Id>> {
  const route = address('/directoryObjects/getByIds', [], { $select: 'id' });
  const all = [...new Set(ids)];
  const some = Array.from({ length: Math.ceil(all.length / idsOfGetByIds) }, (_, at) =>
    all.slice(at * idsOfGetByIds, (at + 1) * idsOfGetByIds),
  );
  const lists = await Promise.all(
    some.map(async (wanted) => {
      const call: Call = { method: 'POST', ...route, body: { ids: wanted }, repeatable: true, carries: 'read' };
      const answer = await lane.submit(call);
      if (!isOk(answer)) throw errorOf(call, answer);
      return entitiesOf(answer.body);
    }),
  );
  return new Set(lists.flat().map(({ id }) => String(id)));
}

/** A filter for objects that have one of these values. */
function oneOf(property: string, values: readonly string[]): string {
  const quoted = values.map((value) => `'${value.replaceAll("'", "''")}'`);
  if (property !== 'proxyAddresses') return `${property} in (${quoted.join(',')})`;
  return quoted.map((value) => `${property}/any(x:x eq ${value})`).join(' or ');
}

/** @throws AppError `graph-unreachable` for a success without a list in it: half an answer must not pass for an empty one. */
export function entitiesOf(body: Json | undefined): readonly JsonObject[] {
  const { value } = (body ?? {}) as { value?: unknown };
  if (!Array.isArray(value))
    throw new AppError('graph-unreachable', 'Graph answered a list without its entries; try again');
  return value as JsonObject[];
}
