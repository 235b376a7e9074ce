/** The comparison of whole snapshots says of every object what a comparison of that object alone says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareObject } from '../../src/comparison/object.ts';
import { compareSnapshots } from '../../src/comparison/tenant.ts';
import { versionsOf } from '../../src/comparison/versions.ts';
import type { Change } from '../../src/directory/gateway.ts';
import { createSnapshotStore, type SnapshotReader } from '../../src/snapshot/store.ts';
import { group, link, user } from '../support/changes.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

const users = ['u1', 'u2', 'u3', 'u4', 'u5'];
const groups = ['g1', 'g2', 'g3'];

interface Person {
  readonly city: string;
  readonly manager: string;
  readonly photo: number;
}

interface Tenant {
  readonly people: Readonly<Record<string, Person | undefined>>;
  readonly members: Readonly<Record<string, readonly string[] | undefined>>;
  readonly roles: readonly string[];
}

const person = fc.option(
  fc.record({ city: fc.constantFrom('Bonn', 'Rom', ''), manager: fc.constantFrom('', ...users), photo: fc.nat(2) }),
  { nil: undefined, freq: 3 },
);
const tenant: fc.Arbitrary<Tenant> = fc.record({
  people: fc.record(Object.fromEntries(users.map((id) => [id, person]))),
  members: fc.record(
    Object.fromEntries(groups.map((id) => [id, fc.option(fc.subarray(users), { nil: undefined, freq: 3 })])),
  ),
  roles: fc.subarray(users),
});

function changesOf({ people, members, roles }: Tenant) {
  const found: Record<'users' | 'groups' | 'roleAssignments', Change[]> = {
    users: [],
    groups: [],
    roleAssignments: [],
  };
  for (const [id, one] of Object.entries(people)) {
    if (one === undefined) continue;
    found.users.push(user(id, { city: one.city === '' ? null : one.city }));
    if (one.manager !== '' && people[one.manager] !== undefined) found.users.push(link('manager', id, one.manager));
  }
  for (const [id, some] of Object.entries(members)) {
    if (some === undefined) continue;
    found.groups.push(group(id), ...some.map((member) => link('members', id, member)));
  }
  for (const id of roles) {
    const body = { principalId: id, roleDefinitionId: 'role', directoryScopeId: '/' };
    found.roleAssignments.push({ change: 'set', kind: 'roleAssignments', id: `a-${id}`, body });
  }
  return Object.fromEntries(Object.entries(found).map(([source, changes]) => [source, [changes]]));
}

async function taken(lab: ReturnType<typeof snapshotLab>, content: Tenant): Promise<SnapshotReader> {
  lab.directory.full = changesOf(content);
  lab.directory.photos = new Map(
    Object.entries(content.people).flatMap(([id, one]) =>
      one === undefined || one.photo === 0
        ? []
        : [[id, { bytes: new Uint8Array([one.photo]), contentType: 'image/jpeg' }] as const],
    ),
  );
  return lab.take('full');
}

/** What the comparison of one object comes to. */
async function alone(
  lab: ReturnType<typeof snapshotLab>,
  kind: 'users' | 'groups',
  id: string,
  sides: SnapshotReader[],
) {
  const [left, right] = sides as [SnapshotReader, SnapshotReader];
  if (!(await left.record(kind, id)) && !(await right.record(kind, id))) return undefined;
  const found = await compareObject(lab.services, connectorId, kind, id, left, right);
  if (found.leftObject === null) return 'added';
  if (found.rightObject === null) return 'missing';
  return found.attributes.length + found.relationships.length > 0 ? 'modified' : undefined;
}

describe('two snapshots of a random tenant', () => {
  it('R06 differ in exactly the objects that differ when looked at one by one', async () => {
    await fc.assert(
      fc.asyncProperty(tenant, tenant, async (before, after) => {
        const lab = snapshotLab();
        const sides = [await taken(lab, before), await taken(lab, after)];
        const [left, right] = sides as [SnapshotReader, SnapshotReader];
        const told = await compareSnapshots(lab.services, connectorId, left, right);
        const expected: { kind: string; id: string; change: string }[] = [];
        for (const [kind, ids] of [
          ['groups', groups],
          ['users', users],
        ] as const) {
          for (const id of ids) {
            const change = await alone(lab, kind, id, sides);
            if (change !== undefined) expected.push({ kind, id, change });
          }
        }
        expect(told.filter(({ kind }) => kind === 'users' || kind === 'groups')).toEqual(expected);
        expect(await compareSnapshots(lab.services, connectorId, left, left)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('R29 are versions of an object where it has come, gone or changed, and nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(tenant, { minLength: 1, maxLength: 5 }), async (contents) => {
        const lab = snapshotLab();
        const readers: SnapshotReader[] = [];
        for (const content of contents) readers.push(await taken(lab, content));
        const store = createSnapshotStore(lab.bucket, connectorId);
        for (const id of users) {
          const expected: string[] = [];
          for (const [index, reader] of readers.entries()) {
            const there = contents[index]?.people[id] !== undefined;
            const before = readers[index - 1];
            if (before === undefined ? there : (await alone(lab, 'users', id, [before, reader])) !== undefined)
              expected.unshift(reader.manifest.id);
          }
          const versions = await versionsOf(lab.services, connectorId, store, 'users', id);
          // A member of a group that comes or goes in the bin keeps its links: only what is stored makes a version.
          expect(expected).toEqual(expect.arrayContaining(versions.map(({ snapshotId }) => snapshotId)));
          const attributes = await versionsByAttributes(lab, id, readers);
          expect(versions.map(({ snapshotId }) => snapshotId)).toEqual(expect.arrayContaining(attributes));
        }
      }),
      { numRuns: 30 },
    );
  });
});

/** Snapshots in which the person came, went, or had another attribute than in the one before. */
async function versionsByAttributes(
  lab: ReturnType<typeof snapshotLab>,
  id: string,
  readers: readonly SnapshotReader[],
) {
  const found: string[] = [];
  for (const [index, right] of readers.entries()) {
    const left = readers[index - 1];
    const [before, after] = [await left?.record('users', id), await right.record('users', id)];
    if (before === undefined && after === undefined) continue;
    if (left === undefined || before === undefined || after === undefined) {
      found.push(right.manifest.id);
      continue;
    }
    const { attributes } = await compareObject(lab.services, connectorId, 'users', id, left, right);
    if (attributes.length > 0) found.push(right.manifest.id);
  }
  return found;
}
