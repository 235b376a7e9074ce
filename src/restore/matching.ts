/**
 * Finding what live object, if any, a record of the snapshot is (R33, R34): object id live, object id in the bin, our own
 * ledger of successors, then natural keys. A match below the object id must be unique, and never an object that the snapshot
 * knows as somebody else.
 */
import { type Candidate, type Lookup, sought } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, isEmpty, type JsonObject } from '../directory/record.ts';
import { laterIds } from '../job/lineage.ts';
import { apart, type Unread } from './apart.ts';
import { type JobContext, wantsAttribute } from './job-context.ts';
import { isMicrosoft365, isSynced, type Match } from './object-plan.ts';

/** `unreadable`: its match could not be found out. */
export type Matched = Match | ({ readonly how: 'unreadable' } & Unread);

interface NaturalKey {
  readonly how: 'anchor' | 'name';
  readonly property: string;
  /** Graph keeps it unique in the tenant: held by somebody else, it blocks a create. */
  readonly unique: boolean;
  /** To which objects it applies, on both sides. */
  readonly applies?: (body: JsonObject) => boolean;
}

function isGuest({ userType }: JsonObject): boolean {
  return userType === 'Guest';
}

const naturalKeys: Readonly<Record<string, readonly NaturalKey[]>> = {
  users: [
    { how: 'anchor', property: 'onPremisesImmutableId', unique: true },
    { how: 'name', property: 'userPrincipalName', unique: true },
    // Whoever is invited again may have another name here, and has the same mail outside.
    { how: 'name', property: 'mail', unique: false, applies: isGuest },
  ],
  groups: [
    { how: 'name', property: 'uniqueName', unique: true },
    { how: 'name', property: 'mailNickname', unique: true, applies: isMicrosoft365 },
    { how: 'name', property: 'displayName', unique: false },
  ],
  administrativeUnits: [{ how: 'name', property: 'displayName', unique: false }],
  // Built-in roles have the same id in every tenant.
  roleDefinitions: [
    { how: 'name', property: 'displayName', unique: true, applies: ({ isBuiltIn }) => isBuiltIn !== true },
  ],
};

/** The matches of records of one kind, in order. */
export const matchRecords = (
  context: JobContext,
  kind: Kind,
  records: readonly DirectoryRecord[],
): Promise<Matched[]> =>
  apart<DirectoryRecord, Matched>(
    context,
    records,
    (some) => matchTogether(context, kind, some),
    (_, why) => [{ how: 'unreadable', ...why }],
  );

async function matchTogether(context: JobContext, kind: Kind, records: readonly DirectoryRecord[]): Promise<Match[]> {
  const later = await laterIds(
    context.jobs,
    context.connectorId,
    records.map(({ id }) => id),
  );
  const byId = await findEach(context, records, ({ id }) => [
    ...lookupsById(kind, id, 'id'),
    ...(later.get(id) ?? []).toReversed().flatMap((newId) => lookupsById(kind, newId, 'ledger')),
  ]);
  const unmatched = records.filter((_, index) => byId[index] === undefined);
  const byKey = new Map(
    (await matchByKeys(context, kind, unmatched)).map((match, index) => [unmatched[index]?.id, match]),
  );
  return records.map((record, index) => byId[index] ?? byKey.get(record.id) ?? { how: 'none' });
}

type HowById = 'id' | 'ledger';

const lookupsById = (kind: Kind, id: Id, how: HowById): { how: HowById; lookup: Lookup }[] => [
  { how, lookup: { by: 'id', ...sought(kind), id } },
  ...(kind.softDeleted ? [{ how, lookup: { by: 'deleted-id' as const, ...sought(kind), id } }] : []),
];

/** The first hit of each record's lookups, all records asked together. */
async function findEach(
  context: JobContext,
  records: readonly DirectoryRecord[],
  lookupsOf: (record: DirectoryRecord) => { how: HowById; lookup: Lookup }[],
): Promise<(Match | undefined)[]> {
  const asked = records.map(lookupsOf);
  const found = await context.gateway.find(asked.flat().map(({ lookup }) => lookup));
  let at = 0;
  return asked.map((lookups, index) => {
    const hits = lookups.flatMap(({ how }) => (found[at++] ?? []).map((candidate) => ({ how, candidate })));
    const hit = hits[0];
    if (hit?.candidate.state !== 'deleted') return hit;
    if (!context.request.useRecycleBin) return besideTheBin(records[index], hit.candidate);
    return { how: 'deleted', candidate: hit.candidate };
  });
}

/**
 * The bin is not to be used (R19): then its twin must not be in the way. Of what Graph keeps unique only the anchor stays taken
 * in the bin; the name is mangled there, and proxy addresses may be taken by others (graph-facts 5, 6).
 */
function besideTheBin(record: DirectoryRecord | undefined, twin: Candidate): Match | undefined {
  if (isEmpty(record?.body.onPremisesImmutableId)) return undefined;
  const note = 'The deleted object still holds its on-premises anchor. Restore it from the bin, or purge it first.';
  return { how: 'held', ids: [twin.id], reason: 'anchor-conflict', note };
}

async function matchByKeys(context: JobContext, kind: Kind, records: readonly DirectoryRecord[]): Promise<Match[]> {
  const matches: Match[] = records.map(() => ({ how: 'none' }));
  for (const key of naturalKeys[kind.name] ?? []) {
    const open = records.flatMap((record, index) => {
      const value = record.body[key.property];
      const asks =
        matches[index]?.how === 'none' &&
        typeof value === 'string' &&
        value !== '' &&
        (key.applies?.(record.body) ?? true);
      return asks ? [{ record, index, value }] : [];
    });
    if (open.length === 0) continue;
    const found = await context.gateway.find(
      open.map(({ value }) => ({ by: 'property' as const, ...sought(kind), property: key.property, value })),
    );
    for (const [place, { record, index, value }] of open.entries()) {
      matches[index] = await judge(context, kind, key, record, value, found[place] ?? []);
    }
    const free = open.filter((_, place) => found[place]?.length === 0);
    for (const [index, match] of await heldInBin(context, kind, key, free)) matches[index] = match;
  }
  return matches;
}

async function judge(
  context: JobContext,
  kind: Kind,
  key: NaturalKey,
  record: DirectoryRecord,
  value: string,
  found: readonly Candidate[],
): Promise<Match> {
  const alike = found.filter(
    ({ body }) => sameSort(kind, record.body, body) && (key.applies === undefined || key.applies(body)),
  );
  const others = await context.reader.records(
    kind.name,
    alike.map(({ id }) => id),
  );
  const strangers = alike.filter(({ id }) => !others.has(id));
  const [only] = strangers;
  if (alike.length > 0 && only === undefined) {
    // Whose anchor synchronization has set keeps it.
    const isKept = key.how === 'anchor' && alike.some(({ body }) => isSynced(body));
    const isFree = !key.unique || (!isKept && (await makesRoom(context, kind, key.property, others, value)));
    return isFree ? { how: 'none' } : { how: 'held', ids: alike.map(({ id }) => id), reason: heldReason(key) };
  }
  if (only === undefined) return { how: 'none' };
  if (strangers.length > 1) return { how: 'ambiguous', ids: strangers.map(({ id }) => id) };
  if (!key.unique && (await namesakes(context, kind, key.property, value)) > 1)
    return { how: 'ambiguous', ids: [only.id] };
  // A synced user of that name with another anchor is, as far as anyone can tell, another person (H08); of groups Graph shows no anchor.
  const isOfOneKind = kind.name === 'groups' && isSynced(record.body);
  if (key.how === 'name' && isSynced(only.body) && !isOfOneKind) return { how: 'ambiguous', ids: [only.id] };
  if (key.how === 'anchor' && context.request.hybrid === 'strict') return { how: 'held', ids: [only.id], ...strictly };
  return { how: key.how, candidate: only };
}

/** Whether all who hold a value get back another one, their own, in the same job. @param written what is written for it. */
export async function makesRoom(
  context: JobContext,
  { name: kind }: Kind,
  property: string,
  holders: ReadonlyMap<Id, DirectoryRecord>,
  value: string,
  written = property,
): Promise<boolean> {
  if (context.request.onExisting !== 'overwrite' || !wantsAttribute(context, written)) return false;
  for (const [id, { body }] of holders) {
    const own = [body[property] ?? []].flat().map((one) => String(one).toLowerCase());
    if (own.includes(value.toLowerCase()) || !(await context.willRestore(kind, id))) return false;
  }
  return true;
}

/** Mode `strict` (H07): a synced copy is not mapped; a person takes the three steps. */
const strictly = {
  reason: 'anchor-conflict',
  note: 'Synchronization has made another user of this anchor. Remove that copy, restore again with relations, then synchronize.',
} as const;

const heldReason = ({ how }: NaturalKey) => (how === 'anchor' ? 'anchor-conflict' : 'name-conflict');

/** Anchors that a deleted object holds (H09): Graph gives none of them out twice, and we purge nothing. */
async function heldInBin(
  context: JobContext,
  kind: Kind,
  key: NaturalKey,
  asked: readonly { readonly index: number; readonly value: string }[],
): Promise<ReadonlyMap<number, Match>> {
  if (key.how !== 'anchor' || asked.length === 0) return new Map();
  const found = await context.gateway.find(
    asked.map(({ value }) => ({ by: 'deleted-property' as const, kind: kind.name, property: key.property, value })),
  );
  return new Map(
    asked.flatMap(({ index }, place): [number, Match][] => {
      const ids = (found[place] ?? []).map(({ id }) => id);
      return ids.length === 0 ? [] : [[index, { how: 'held', ids, reason: 'anchor-conflict', note: heldNote }]];
    }),
  );
}

const heldNote =
  'A deleted object still holds the on-premises anchor. Purge it if it is only the copy that synchronization made, then restore again.';

/** A security group is no Microsoft 365 group, whatever it is called. */
function sameSort(kind: Kind, left: JsonObject, right: JsonObject): boolean {
  if (kind.name !== 'groups') return true;
  return (
    isMicrosoft365(left) === isMicrosoft365(right) && isEmpty(left.membershipRule) === isEmpty(right.membershipRule)
  );
}

async function namesakes(context: JobContext, kind: Kind, property: string, value: string): Promise<number> {
  let count = 0;
  for await (const { body } of context.reader.scan(kind.name)) {
    if (String(body[property] ?? '').toLowerCase() === value.toLowerCase()) count += 1;
  }
  return count;
}
