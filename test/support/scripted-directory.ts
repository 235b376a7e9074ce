/** A directory for unit tests: pages as a test wrote them, per source; failures where it says so. */
import { systemClock } from '../../src/clock.ts';
import type { Extensions } from '../../src/directory/extensions.ts';
import type { Change, DirectoryGateway, Page, Photo, SourceName } from '../../src/directory/gateway.ts';
import type { JsonObject } from '../../src/directory/record.ts';
import { AppError, type ErrorCode } from '../../src/errors.ts';

export interface ScriptedDirectory extends DirectoryGateway {
  /** What a full reading of a source gives, in pages. */
  full: Partial<Record<SourceName, readonly (readonly Change[])[]>>;
  /** What has changed since, in pages: given to whoever comes with a delta link. */
  changed: Partial<Record<SourceName, readonly (readonly Change[])[]>>;
  /** Sources that fail, and how. */
  failing: Partial<Record<SourceName | 'photos' | 'find' | 'extensions', ErrorCode>>;
  /** Cursors that are refused as too old, and how many times. */
  expired: Map<string, number>;
  photos: Map<string, Photo>;
  /** Of every app; undefined: Graph tells of none. */
  extensions: Extensions | undefined;
  /** Of the tenant's own apps. */
  registered: Extensions;
  /** What a user looks like when asked for by id. */
  live: Map<string, JsonObject>;
  readonly asked: string[];
}

const deltaSources: readonly SourceName[] = ['users', 'groups', 'administrativeUnits'];

/** Cursors read `source:full:3` or `source:changed:0`: the page to give next. */
export function scriptedDirectory(): ScriptedDirectory {
  let requests = 0;
  const unused = () => Promise.reject(new Error('a snapshot does not do this'));
  const directory: ScriptedDirectory = {
    full: {},
    changed: {},
    failing: {},
    expired: new Map(),
    photos: new Map(),
    extensions: undefined,
    registered: {},
    live: new Map(),
    asked: [],

    async readPage(source, cursor, also = []): Promise<Page> {
      requests += 1;
      const place = cursor ?? `${source}:full:0`;
      directory.asked.push(cursor === undefined && also.length > 0 ? `${place} with ${also.join()}` : place);
      const failure = directory.failing[source];
      if (failure !== undefined) throw new AppError(failure, `${source} cannot be read`);
      const refusals = directory.expired.get(place) ?? 0;
      directory.expired.set(place, refusals - 1);
      if (refusals > 0) throw new AppError('token-expired', 'too old');
      const [, round, index] = place.split(':');
      const pages = (round === 'full' ? directory.full : directory.changed)[source] ?? [[]];
      const at = Number(index);
      const last = at + 1 >= pages.length;
      return {
        changes: pages[at] ?? [],
        ...(last ? {} : { next: `${source}:${round}:${at + 1}` }),
        ...(last && deltaSources.includes(source) ? { deltaLink: `${source}:changed:0` } : {}),
      };
    },

    availableExtensions: async () => {
      requests += 1;
      const failure = directory.failing.extensions;
      if (failure !== undefined) throw new AppError(failure, 'extensions cannot be read');
      return directory.extensions;
    },
    registeredExtensions: async () => directory.registered,
    knownProperties: async (_kind, names) => names,

    async readPhotos(ids) {
      requests += 1;
      if (directory.failing.photos !== undefined) throw new AppError(directory.failing.photos, 'photos cannot be read');
      return ids.map((id) => directory.photos.get(id));
    },

    async find(lookups) {
      if (directory.failing.find !== undefined) throw new AppError(directory.failing.find, 'users cannot be looked up');
      return lookups.map((lookup) => {
        const body = lookup.by === 'id' ? directory.live.get(lookup.id) : undefined;
        return body === undefined ? [] : [{ id: lookup.by === 'id' ? lookup.id : '', body, state: 'live' as const }];
      });
    },
    readListed: async (_source, ids) => {
      requests += 1;
      return new Map(ids.map((id) => [id, []]));
    },
    readUserDetails: async (_detail, ids) => {
      requests += 1;
      return ids.map(() => []);
    },
    issuePass: unused,
    present: async (ids) => new Set(ids),
    readLinks: async (queries) => queries.map(() => ({})),
    readRoleAssignments: unused,
    readGroupSchedules: unused,
    readSeats: unused,
    readMatchRules: unused,
    lacking: unused,
    ownRoles: unused,
    apply: unused,
    now: systemClock,
    throttledUntil: () => undefined,
    probe: async () => undefined,
    spent: () => ({ requests, resourceUnits: requests }),
  };
  return directory;
}
