/** What changed: one object, or the whole directory, between a snapshot and another, or live. */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { compareObject } from '../comparison/object.ts';
import { type ChangedObject, compareSnapshots } from '../comparison/tenant.ts';
import { versionsOf } from '../comparison/versions.ts';
import { isKindName, type KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { createSnapshotActivities } from '../snapshot/activities.ts';
import { findObject, nameOf } from '../snapshot/browse.ts';
import { createSnapshotStore, type SnapshotReader } from '../snapshot/store.ts';
import { readView, takeView } from '../snapshot/view.ts';
import { type Handle, json, nextLink } from './handling.ts';
import { checked, cursor, kindOfPath, pathPart, queryOf, top } from './input.ts';

const otherSide = z.string({ error: 'say with=live or with=<snapshot id>' }).min(1).max(200);

export const compareOne =
  (services: Services): Handle =>
  async (request) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const kind = kindOfPath(request);
    const { with: other } = queryOf(request, { with: otherSide });
    const store = createSnapshotStore(services.bucket, connectorId);
    const left = store.open(await store.resolve(pathPart(request, 'snapshotId')));
    const right = other === 'live' ? other : store.open(await store.resolve(other));
    const id = await idOf(kind, pathPart(request, 'objectId'), [left, ...(right === 'live' ? [] : [right])]);
    return json(await compareObject(services, connectorId, kind, id, left, right));
  };

/** A user principal name is looked up on either side; an id stands for itself. */
async function idOf(kind: KindName, idOrName: string, readers: readonly SnapshotReader[]): Promise<Id> {
  if (kind !== 'users' || !idOrName.includes('@')) {
    // Ids of role assignments go by case; a GUID is found however it is written.
    for (const reader of readers)
      if (reader.has(kind) && (await reader.record(kind, idOrName)) !== undefined) return idOrName;
    return idOrName.toLowerCase();
  }
  for (const [index, reader] of readers.entries()) {
    try {
      return (await findObject(reader, kind, idOrName)).id;
    } catch (error) {
      if (index === readers.length - 1) throw error;
    }
  }
  throw new AppError('not-found', 'Neither snapshot holds a user of this name.');
}

export const listVersions =
  (services: Services): Handle =>
  async (request) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const kind = kindOfPath(request);
    const store = createSnapshotStore(services.bucket, connectorId);
    const reader = store.open(await store.resolve(pathPart(request, 'snapshotId')));
    const id = await idOf(kind, pathPart(request, 'objectId'), [reader]);
    const value = await versionsOf(services, connectorId, store, kind, id);
    if (value.length === 0) throw new AppError('not-found', `No snapshot holds such an object among its ${kind}.`);
    return json({ value });
  };

/** Results of whole comparisons, for the pages of one answer. */
const maxResults = 8;

const place = z.strictObject({ right: z.string(), from: z.number().int().nonnegative() });

export function compareAll(services: Services): Handle {
  const activities = createSnapshotActivities(services);
  const results = new LRUCache<string, readonly ChangedObject[]>({ max: maxResults });
  return async (request) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const query = queryOf(request, { with: otherSide, kind: z.string().optional(), top, cursor });
    const { kind } = query;
    if (kind !== undefined && !isKindName(kind)) throw new AppError('not-found', `There is no kind ${kind}.`);
    const at = query.cursor === undefined ? undefined : placeOf(query.cursor);
    const store = createSnapshotStore(services.bucket, connectorId);
    const left = store.open(await store.resolve(pathPart(request, 'snapshotId')));
    const right = store.open(await rightSide(query.with, at?.right));
    const key = `${connectorId} ${left.manifest.id} ${right.manifest.id} ${kind ?? ''}`;
    const changes = results.get(key) ?? (await compareSnapshots(services, connectorId, left, right, kind));
    results.set(key, changes);

    const from = at?.from ?? 0;
    const page = changes.slice(from, from + query.top);
    const more = from + page.length < changes.length;
    const next = more ? cursorOf({ right: right.manifest.id, from: from + page.length }) : undefined;
    return json({
      left: left.manifest.id,
      right: query.with === 'live' ? 'live' : right.manifest.id,
      counts: countsOf(changes),
      ...(right.manifest.missing.length === 0 ? {} : { missing: right.manifest.missing }),
      value: await named(page, left, right),
      ...restoreOf(left, page),
      ...nextLink(request, next),
    });

    async function rightSide(other: string, known: string | undefined) {
      if (other !== 'live') return store.resolve(known ?? other);
      if (known === undefined) return takeView(services, activities, connectorId, left.manifest);
      const view = await readView(services, connectorId, known);
      if (view !== undefined) return view;
      throw new AppError('gone', 'This comparison with live is no longer kept. Begin again without a cursor.');
    }
  };
}

const cursorOf = (value: z.output<typeof place>): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function placeOf(text: string): z.output<typeof place> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  return checked(place, value, 'cursor');
}

type Counts = Record<string, Record<ChangedObject['change'], number>>;

function countsOf(changes: readonly ChangedObject[]): Counts {
  const counts: Counts = {};
  for (const { kind, change } of changes) {
    counts[kind] ??= { added: 0, modified: 0, missing: 0 };
    counts[kind][change] += 1;
  }
  return counts;
}

async function named(page: readonly ChangedObject[], left: SnapshotReader, right: SnapshotReader) {
  const names = new Map<Id, string | null>();
  for (const kind of new Set(page.map((object) => object.kind))) {
    const ids = page.filter((object) => object.kind === kind).map(({ id }) => id);
    for (const reader of [right, left])
      for (const record of (await reader.records(kind, ids)).values()) names.set(record.id, nameOf(kind, record));
  }
  return page.map((object) => ({ ...object, displayName: names.get(object.id) ?? null }));
}

/** The body of a restore that gives back what this page shows as lost or altered (R08). */
function restoreOf({ manifest }: SnapshotReader, page: readonly ChangedObject[]) {
  const ids: Record<string, Id[]> = {};
  for (const { kind, id, change } of page) if (change !== 'added') ids[kind] = [...(ids[kind] ?? []), id];
  return Object.keys(ids).length === 0 ? {} : { restoreRequest: { snapshotId: manifest.id, ...ids } };
}
