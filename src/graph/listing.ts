/** Lists of Graph, and single objects asked for many to a request (L:api/resources/user and group: `id` takes `in`). */
import type { Id, Json, JsonObject } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import { isOk, read } from './call.ts';
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
  const found = new Map<Id, JsonObject>();
  const some = Array.from({ length: Math.ceil(ids.length / valuesOfIn) }, (_, at) =>
    ids.slice(at * valuesOfIn, (at + 1) * valuesOfIn),
  );
  await Promise.all(
    some.map(async (wanted) => {
      const $filter = `id in (${wanted.map((id) => `'${id.replaceAll("'", "''")}'`).join(',')})`;
      const call = read(collection, [], { ...query, $filter, $top: valuesOfIn });
      const answer = await lane.submit(call);
      if (!isOk(answer)) throw errorOf(call, answer);
      for (const entity of entitiesOf(answer.body)) found.set(String(entity.id), entity);
    }),
  );
  return found;
}

/** @throws AppError `graph-unreachable` for a success without a list in it: half an answer must not pass for an empty one. */
export function entitiesOf(body: Json | undefined): readonly JsonObject[] {
  const { value } = (body ?? {}) as { value?: unknown };
  if (!Array.isArray(value))
    throw new AppError('graph-unreachable', 'Graph answered a list without its entries; try again');
  return value as JsonObject[];
}
