/** Looking into a snapshot: pages, search, and one object with everything around it. */
import { describe, expect, it } from 'vitest';
import { browseKind, findObject, summarize } from '../../src/snapshot/browse.ts';
import { describeObject, type Related } from '../../src/snapshot/describe.ts';
import type { SnapshotReader } from '../../src/snapshot/store.ts';
import { group, link, set, user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

async function people(names: readonly string[]): Promise<SnapshotReader> {
  const lab = snapshotLab();
  lab.directory.full = {
    users: [
      names.map((name, index) =>
        user(`id-${index}`, { displayName: name, userPrincipalName: `u${index}@contoso.com` }),
      ),
    ],
  };
  return lab.take('full');
}

async function pageThrough(reader: SnapshotReader, top: number, search?: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await browseKind(reader, 'users', {
      top,
      ...(search ? { search } : {}),
      ...(cursor ? { cursor } : {}),
    });
    expect(page.value.length).toBeLessThanOrEqual(top);
    found.push(...page.value.map(({ displayName }) => displayName ?? ''));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

describe('a page of a kind', () => {
  const names = Array.from({ length: 25 }, (_, index) => `Person ${index}`);

  it('leads to the next until every object was shown once', async () => {
    const reader = await people(names);
    for (const top of [1, 7, 25, 100]) expect((await pageThrough(reader, top)).sort()).toEqual([...names].sort());
  });

  it('finds by part of name, principal name or id, whatever the case, and by nothing else', async () => {
    const reader = await people([...names, 'Zoë "Quote" Ünal', 'back\\slash']);
    expect((await pageThrough(reader, 3, 'pErSoN 2')).sort()).toEqual(
      ['Person 2', 'Person 20', 'Person 21', 'Person 22', 'Person 23', 'Person 24'].sort(),
    );
    expect(await pageThrough(reader, 3, 'U7@CONTOSO')).toEqual(['Person 7']);
    expect(await pageThrough(reader, 3, 'ID-13')).toEqual(['Person 13']);
    expect(await pageThrough(reader, 3, '"quote" ü')).toEqual(['Zoë "Quote" Ünal']);
    expect(await pageThrough(reader, 3, 'BACK\\S')).toEqual(['back\\slash']);
    expect(await pageThrough(reader, 3, 'displayName')).toEqual([]);
  });

  it('refuses a foreign cursor and a kind that was not captured', async () => {
    const reader = await people(names);
    await expect(browseKind(reader, 'users', { top: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid-input' });
    const lab = snapshotLab();
    lab.directory.failing.groups = 'forbidden';
    const partial = await lab.take('full');
    await expect(browseKind(partial, 'groups', { top: 1 })).rejects.toMatchObject({ code: 'not-captured' });
  });

  it('finds one by id, and a user by principal name', async () => {
    const reader = await people(names);
    expect((await findObject(reader, 'users', 'U3@contoso.COM')).id).toBe('id-3');
    expect((await findObject(reader, 'users', 'id-3')).body.displayName).toBe('Person 3');
    await expect(findObject(reader, 'users', 'nobody@contoso.com')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('one user', () => {
  const company = () => {
    const lab = snapshotLab();
    lab.directory.full = {
      users: [
        [
          user('anna'),
          user('bob', {
            city: 'Bonn',
            assignedLicenses: [
              { skuId: 'sku-1', disabledPlans: ['p'] },
              { skuId: 'sku-2', disabledPlans: [] },
            ],
            licenseAssignmentStates: [
              { skuId: 'sku-1', assignedByGroup: null, disabledPlans: ['p'], state: 'Active' },
              { skuId: 'sku-2', assignedByGroup: 'team', disabledPlans: [], state: 'Active' },
            ],
          }),
          link('manager', 'bob', 'anna'),
        ],
      ],
      groups: [
        [group('team', { isAssignableToRole: true }), link('members', 'team', 'bob'), link('owners', 'team', 'bob')],
      ],
      administrativeUnits: [
        [set('administrativeUnits', 'unit', { displayName: 'Berlin' }), link('unitMembers', 'unit', 'bob')],
      ],
      roleDefinitions: [[set('roleDefinitions', 'reader', { displayName: 'Reports Reader' })]],
      roleAssignments: [
        [
          set('roleAssignments', 'a1', { principalId: 'bob', roleDefinitionId: 'reader', directoryScopeId: '/' }),
          set('roleAssignments', 'a2', { principalId: 'team', roleDefinitionId: 'reader', directoryScopeId: '/' }),
          set('roleAssignments', 'a3', { principalId: 'anna', roleDefinitionId: 'reader', directoryScopeId: '/' }),
        ],
      ],
      subscribedSkus: [[set('subscribedSkus', 'x_sku-1', { skuId: 'sku-1', skuPartNumber: 'SUITE' })]],
    };
    lab.directory.photos.set('bob', { bytes: Buffer.from('x'), contentType: 'image/png' });
    return lab;
  };
  const describeBob = async (lab: ReturnType<typeof company>) => {
    const reader = await lab.take('full');
    return describeObject(reader, 'users', await findObject(reader, 'users', 'bob'));
  };

  it('R44 R46 comes with every related object by name; what is inherited says from which group', async () => {
    const team = { id: 'team', type: 'group', displayName: 'team' };
    const reader = { id: 'reader', type: 'unifiedRoleDefinition', displayName: 'Reports Reader' };
    const bob = await describeBob(company());
    expect(bob).toMatchObject({
      id: 'bob',
      attributes: { city: 'Bonn' },
      photo: { contentType: 'image/png', bytes: 1 },
    });
    expect(bob.relationships).toMatchObject({
      manager: { id: 'anna', type: 'user', displayName: 'anna' },
      sponsors: [],
      directReports: [],
      memberOf: [team],
      ownedObjects: [team],
      administrativeUnits: [{ id: 'unit', type: 'administrativeUnit', displayName: 'Berlin' }],
      licenses: [
        { id: 'sku-1', displayName: 'SUITE', disabledPlans: ['p'] },
        { id: 'sku-2', displayName: null, inheritedFrom: team },
      ],
      roleAssignments: [reader, { ...reader, inheritedFrom: team }],
    });
    const [direct] = bob.relationships.licenses as readonly object[];
    const roles = bob.relationships.roleAssignments as readonly Related[];
    expect(direct).not.toHaveProperty('inheritedFrom');
    expect(roles.map(({ assignmentId }) => assignmentId).sort()).toEqual(['a1', 'a2']);
    expect(bob.notCaptured).toEqual([]);
  });

  it('R48 lists what the snapshot does not know instead of showing it empty', async () => {
    const lab = company();
    lab.directory.failing = { groups: 'forbidden', roleAssignments: 'forbidden', photos: 'forbidden' };
    const bob = await describeBob(lab);
    const unknown = ['memberOf', 'ownedObjects', 'roleAssignments'];
    for (const name of unknown) expect(bob.relationships).not.toHaveProperty(name);
    expect(bob).not.toHaveProperty('photo');
    expect(bob.notCaptured).toEqual(expect.arrayContaining([...unknown, 'photo']));
    expect(bob.relationships).toMatchObject({ manager: { id: 'anna' }, administrativeUnits: [{ id: 'unit' }] });
  });

  it('is summed up per kind for the list of snapshots', async () => {
    const { manifest } = await company().take('full');
    expect(summarize(manifest)).toMatchObject({
      id: manifest.id,
      status: 'complete',
      mode: 'full',
      kinds: { users: { count: 2, added: 2, changed: 0, removed: 0 }, groups: { count: 1 } },
      missing: [],
    });
    expect(summarize(manifest)).not.toHaveProperty('deltaLinks');
  });
});
