import { describe, expect, it } from 'vitest';
import { isPrivilegedRole } from '../../src/directory/privileged-roles.ts';
import type { JsonObject } from '../../src/directory/record.ts';
import { awaitsSync, hybridCase, hybridNote } from '../../src/restore/hybrid.ts';
import { emptySummary, summarizePlan, warningsOf } from '../../src/restore/plan-summary.ts';

const synced: JsonObject = { onPremisesSyncEnabled: true, onPremisesImmutableId: 'QQ==' };
const cloud: JsonObject = { onPremisesSyncEnabled: null };
const candidate = (body: JsonObject, state: 'live' | 'deleted' = 'live') => ({ id: 'x', body, state });

describe('the case of a user that Active Directory masters (H01-H14)', () => {
  it.each([
    ['recreated', synced, { how: 'none' }],
    ['undeleted', synced, { how: 'deleted', candidate: candidate(synced, 'deleted') }],
    ['synced', synced, { how: 'id', candidate: candidate(synced) }],
    ['synced', cloud, { how: 'id', candidate: candidate(synced) }],
    ['cloud-managed', synced, { how: 'id', candidate: candidate(cloud) }],
    ['adopted', synced, { how: 'anchor', candidate: candidate(synced) }],
    ['taken-over', synced, { how: 'ledger', candidate: candidate(synced) }],
    ['awaiting-sync', synced, { how: 'ledger', candidate: candidate(cloud) }],
  ] as const)('is %s', (expected, record, match) => {
    expect(hybridCase(record, match)).toBe(expected);
  });

  it('has none where it was and is a cloud user, or where nothing may be written', () => {
    expect(hybridCase(cloud, { how: 'none' })).toBeUndefined();
    expect(hybridCase(cloud, { how: 'id', candidate: candidate(cloud) })).toBeUndefined();
    expect(hybridCase(synced, { how: 'ambiguous', ids: ['x'] })).toBeUndefined();
  });
});

it('H05 waits for synchronization until live is synced; whoever was a cloud user waits for none', () => {
  expect(awaitsSync(synced, undefined)).toBe(true);
  expect(awaitsSync(synced, cloud)).toBe(true);
  expect(awaitsSync(synced, synced)).toBe(false);
  expect(awaitsSync(cloud, undefined)).toBe(false);
});

it('H05 counts labelled and custom roles as privileged, other built-in ones not', () => {
  expect(isPrivilegedRole('62e90394-69f5-4237-9190-012177145e10', undefined)).toBe(true);
  expect(isPrivilegedRole('5d6b6bb7-de71-4623-b4af-96380a352509', { isBuiltIn: true })).toBe(true);
  expect(isPrivilegedRole('4a5d8f65-41da-4de4-8968-e035b65339cf', { isBuiltIn: true })).toBe(false);
  expect(isPrivilegedRole('00000000-0000-4000-8000-000000000001', { isBuiltIn: false })).toBe(true);
});

it('H05 says when only a soft match is left, H14 names what only synchronization can bring', () => {
  const taken = { name: 'onPremisesImmutableId', result: 'done' } as const;
  const refused = { name: 'onPremisesImmutableId', result: 'failed', reason: 'attribute-rejected' } as const;
  const readOnly = { name: 'proxyAddresses', result: 'skipped', reason: 'attribute-read-only' } as const;
  expect(hybridNote('recreated', synced, [taken])).not.toContain('soft match');
  expect(hybridNote('recreated', synced, [refused])).toContain('soft match');
  expect(hybridNote('recreated', { onPremisesSyncEnabled: true }, [])).toContain('no anchor');
  expect(hybridNote('synced', synced, [readOnly])).toBe(
    'Only synchronization or Active Directory can bring: proxyAddresses.',
  );
  expect(hybridNote('synced', synced, [])).toBeUndefined();
});

it('H11 warns of users without relations, and of no case that needs no word', () => {
  const summary = summarizePlan(['update'], [], {
    hybrid: [
      ['synced', 'u'],
      ['without-relations', 'u'],
    ],
  });
  expect(warningsOf(summary)).toMatchObject([{ code: 'hybrid-without-relations', objectIds: ['u'] }]);
  expect(warningsOf(emptySummary)).toEqual([]);
});
