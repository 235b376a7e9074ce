/** Asking for single things, many at a time through `$batch`: objects, links, role assignments, seats, photos (graph-facts 1.1, 3.3). */
import {
  type Candidate,
  isInGroup,
  type Lookup,
  type Photo,
  type RoleAssignment,
  type RoleHolding,
} from '../directory/gateway.ts';
import { type Kind, type KindName, kindOf } from '../directory/kinds.ts';
import { cleanBody, type Id, type Json, type JsonObject } from '../directory/record.ts';
import { assignmentOf, withEnds } from '../directory/roles.ts';
import { isAppError } from '../errors.ts';
import { type Answer, type Call, isOk, noAnswer, read } from './call.ts';
import type { Transport } from './client.ts';
import { errorOf } from './errors.ts';
import { heldBySchedule, heldInGroups } from './group-schedules.ts';
import type { Lane } from './lane.ts';
import { entitiesOf, listedBy, listedByIds } from './listing.ts';
import { selected } from './reading.ts';

/** All entities of a collection, its further pages included; undefined where the collection's owner does not exist. */
export async function collect(
  lane: Lane,
  transport: Transport,
  call: Call,
): Promise<readonly JsonObject[] | undefined> {
  const entities: JsonObject[] = [];
  for (let page: Call | undefined = call; page !== undefined; ) {
    const answer = await lane.submit(page);
    if (answer.status === 404) return undefined;
    const body = okBody(page, answer);
    entities.push(...entitiesOf(body));
    const next: Json | undefined = body['@odata.nextLink'];
    page = typeof next === 'string' ? { ...call, path: transport.pathOf(next) } : undefined;
  }
  return entities;
}

export function okBody(call: Call, answer: Answer): JsonObject {
  if (!isOk(answer)) throw errorOf(call, answer);
  return (answer.body ?? {}) as JsonObject;
}

/** Answers in the order of the lookups. */
export async function findAll(
  lane: Lane,
  transport: Transport,
  lookups: readonly Lookup[],
): Promise<readonly (readonly Candidate[])[]> {
  const listed = new Map<KindName, Promise<ReadonlyMap<Id, JsonObject>>>();
  for (const [name, some] of Map.groupBy(lookups, ({ by, kind }) => (by === 'listed-id' ? kind : undefined))) {
    if (name === undefined || some.length < 2) continue;
    const ids = new Set(some.flatMap((lookup) => ('id' in lookup ? lookup.id : [])));
    const kind = kindOf(name);
    listed.set(name, listedByIds(lane, kind.collection, [...ids], { $select: selected(kind) }));
  }
  const holders = await holdersOf(lane, lookups);
  return Promise.all(
    lookups.map(async (lookup) => {
      if (lookup.by === 'listed-property') return holders(lookup);
      if (lookup.by !== 'listed-id') return findOne(lane, transport, lookup);
      const entity = (await listed.get(lookup.kind))?.get(lookup.id);
      // A list may lag behind: what it lacks is missing only when a single read says so.
      return entity === undefined
        ? findOne(lane, transport, { ...lookup, by: 'id' })
        : [candidate(kindOf(lookup.kind), entity, 'live')];
    }),
  );
}

type ByListedProperty = Extract<Lookup, { by: 'listed-property' }>;

/** For every lookup by a listed property those that have the value, in whatever case. */
async function holdersOf(
  lane: Lane,
  lookups: readonly Lookup[],
): Promise<(lookup: ByListedProperty) => readonly Candidate[]> {
  const asked = lookups.filter((lookup) => lookup.by === 'listed-property');
  const found = new Map<string, Candidate[]>();
  const keyOf = (kind: KindName, property: string, value: string) => `${kind} ${property} ${value.toLowerCase()}`;
  for (const some of Map.groupBy(asked, ({ kind, property }) => `${kind} ${property}`).values()) {
    const [{ kind: name, property }] = some as [ByListedProperty];
    const kind = kindOf(name);
    const values = [...new Set(some.map(({ value }) => value))];
    for (const entity of await listedBy(lane, kind.collection, property, values, { $select: selected(kind) })) {
      for (const value of [entity[property] ?? []].flat()) {
        const key = keyOf(name, property, String(value));
        found.set(key, [...(found.get(key) ?? []), candidate(kind, entity, 'live')]);
      }
    }
  }
  return ({ kind, property, value }) => found.get(keyOf(kind, property, value)) ?? [];
}

async function findOne(
  lane: Lane,
  transport: Transport,
  lookup: Exclude<Lookup, { by: 'listed-id' | 'listed-property' }>,
): Promise<readonly Candidate[]> {
  const kind = kindOf(lookup.kind);
  const { also } = lookup;
  switch (lookup.by) {
    case 'id':
      return one(
        lane,
        kind,
        read(`${kind.collection}/{id}`, [lookup.id], { $select: restrictable(kind, also) }),
        'live',
      );
    case 'deleted-id':
      return one(lane, kind, deletedCall(kind, lookup.id, selected(kind, also)), 'deleted', () =>
        deletedCall(kind, lookup.id, withoutLicenceStates(kind, also)),
      );
    case 'deleted-property':
      return deletedWith(lane, transport, kind, lookup.property, lookup.value);
    case 'property': {
      const { property, value } = lookup;
      if (kind.name === 'users' && property === 'userPrincipalName') {
        return one(lane, kind, read('/users/{id}', [value], { $select: selected(kind, also) }), 'live');
      }
      const call = read(kind.collection, [], { $select: selected(kind, also), $filter: equals(property, value) });
      const found = await collect(lane, transport, call);
      // Such a list is always there: whoever says that it is not has not looked, and must not pass for one who found nothing.
      if (found === undefined) throw errorOf(call, { ...noAnswer(false), status: 404 });
      return found.map((entity) => candidate(kind, entity, 'live'));
    }
  }
}

/** Told of single users and groups alone, and only when it is asked for (L:api/resources/user, isManagementRestricted). */
const restrictable = (kind: Kind, also?: readonly string[]): readonly string[] => {
  const isRestrictable = kind.name === 'users' || kind.name === 'groups';
  return isRestrictable ? [...selected(kind, also), 'isManagementRestricted'] : selected(kind, also);
};

const equals = (property: string, value: string): string => {
  const text = `'${value.replaceAll("'", "''")}'`;
  return property === 'proxyAddresses' ? `${property}/any(x:x eq ${text})` : `${property} eq ${text}`;
};

/** The ids suffice. That the bin can be filtered by a property nobody documents: a refusal means that nothing is known. */
async function deletedWith(
  lane: Lane,
  transport: Transport,
  kind: Kind,
  property: string,
  value: string,
): Promise<readonly Candidate[]> {
  const call = read(`/directory/deletedItems/microsoft.graph.${kind.type}`, [], {
    $select: ['id', property],
    $filter: equals(property, value),
  });
  try {
    return ((await collect(lane, transport, call)) ?? []).map((entity) => candidate(kind, entity, 'deleted'));
  } catch (error) {
    if (isAppError(error, 'refused', 'unsupported')) return [];
    throw error;
  }
}

const deletedCall = (kind: Kind, id: Id, properties: readonly string[]): Call =>
  read(`/directory/deletedItems/{id}/microsoft.graph.${kind.type}`, [id], { $select: properties });

/** Not documented for the bin; where Graph refuses it there, the rest is asked for without it. */
const withoutLicenceStates = (kind: Kind, also?: readonly string[]): readonly string[] =>
  selected(kind, also).filter((name) => name !== 'licenseAssignmentStates');

async function one(
  lane: Lane,
  kind: Kind,
  call: Call,
  state: Candidate['state'],
  instead?: () => Call,
): Promise<readonly Candidate[]> {
  const answer = await lane.submit(call);
  if (answer.status === 404) return [];
  if (instead !== undefined && kind.name === 'users' && (answer.status === 400 || answer.status === 501)) {
    return one(lane, kind, instead(), state);
  }
  return [candidate(kind, okBody(call, answer), state)];
}

function candidate(kind: Kind, entity: JsonObject, state: Candidate['state']): Candidate {
  const { isManagementRestricted, ...body } = cleanBody(entity);
  // A security group shows `securityEnabled` false while it is in the bin (graph-facts 5); what else could it be?
  const disguised = state === 'deleted' && kind.name === 'groups' && body.mailEnabled === false;
  return {
    id: String(entity.id),
    body: disguised ? { ...body, securityEnabled: true } : body,
    state,
    ...(isManagementRestricted === true ? { isRestricted: true } : {}),
  };
}

/** The active ones of `roleAssignments` tell no ends: these stand in their schedules (graph-facts 3.3). */
export async function roleAssignmentsOf(
  lane: Lane,
  transport: Transport,
  id: Id,
  holding: RoleHolding,
  ends: boolean,
): Promise<readonly RoleAssignment[]> {
  if (isInGroup(holding)) return heldInGroups(lane, transport, holding, 'principalId', id);
  if (holding === 'eligible') return heldBySchedule(lane, transport, 'roleEligibilitySchedules', 'principalId', id);
  const call = read('/roleManagement/directory/roleAssignments', [], {
    $select: ['id', 'principalId', 'roleDefinitionId', 'directoryScopeId'],
    $filter: `principalId eq '${id.replaceAll("'", "''")}'`,
  });
  const held = ((await collect(lane, transport, call)) ?? []).map((entity) =>
    assignmentOf({ id: String(entity.id), body: entity }),
  );
  if (!ends || held.length === 0) return held;
  return withEnds(held, await heldBySchedule(lane, transport, 'roleAssignmentSchedules', 'principalId', id));
}

/** SKU id -> free seats. */
export async function seats(lane: Lane, transport: Transport): Promise<ReadonlyMap<string, number>> {
  const call = read('/subscribedSkus', [], { $select: ['id', 'skuId', 'prepaidUnits', 'consumedUnits'] });
  const skus = (await collect(lane, transport, call)) ?? [];
  return new Map(
    skus.map(({ skuId, prepaidUnits, consumedUnits }) => [
      String(skuId),
      Number((prepaidUnits as JsonObject | null | undefined)?.enabled ?? 0) - Number(consumedUnits ?? 0),
    ]),
  );
}

/** The photo of one user; undefined without one, without a mailbox, without the user. In a batch it comes as base64 text. */
export async function photoOf(lane: Lane, id: Id): Promise<Photo | undefined> {
  const call = read('/users/{id}/photo/$value', [id]);
  const answer = await lane.submit(call);
  if (answer.status === 404) return undefined;
  if (!isOk(answer)) throw errorOf(call, answer);
  if (typeof answer.body !== 'string' || answer.body === '') return undefined;
  return {
    bytes: Buffer.from(answer.body, 'base64'),
    contentType: (answer.header('content-type') ?? 'image/jpeg').split(';')[0]?.trim() ?? 'image/jpeg',
  };
}
