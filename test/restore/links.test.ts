import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinksOf } from '../../src/directory/gateway.ts';
import { type LinkNeeds, linkDifferences, linkRefusal, mayUnlink, type Subject } from '../../src/restore/links.ts';

const subject = (fields: Partial<Subject> = {}): Subject => ({
  kind: 'users',
  id: 'old',
  liveId: 'old',
  body: {},
  ...fields,
});
const needs = (fields: Partial<LinkNeeds> = {}): LinkNeeds => ({
  mode: 'merge',
  resolve: (id) => id,
  notCaptured: [],
  ...fields,
});
const brief = (links: ReturnType<typeof linkDifferences>) =>
  links.map(({ act, name, otherId }) => `${act} ${name} ${otherId}`);

describe('comparing links', () => {
  it('finds what the snapshot has and live lacks', () => {
    const wanted: LinksOf = { memberOf: ['group/a', 'group/b'], manager: ['user/m'] };
    expect(brief(linkDifferences(subject(), wanted, { memberOf: ['group/a'] }, needs()))).toEqual([
      'link manager m',
      'link memberOf b',
    ]);
  });

  it('links to the id an object has now (R38)', () => {
    const resolve = (id: string) => (id === 'a' ? 'a-new' : id);
    expect(brief(linkDifferences(subject(), { memberOf: ['group/a'] }, undefined, needs({ resolve })))).toEqual([
      'link memberOf a-new',
    ]);
  });

  it('keeps extra links in merge and removes them in rollback (R40)', () => {
    const live: LinksOf = { memberOf: ['group/x'] };
    expect(brief(linkDifferences(subject(), {}, live, needs()))).toEqual([]);
    expect(brief(linkDifferences(subject(), {}, live, needs({ mode: 'rollback' })))).toEqual(['unlink memberOf x']);
  });

  it('replaces a manager by one write, and removes one only in rollback (R47)', () => {
    const live: LinksOf = { manager: ['user/other'] };
    expect(brief(linkDifferences(subject(), { manager: ['user/m'] }, live, needs({ mode: 'rollback' })))).toEqual([
      'link manager m',
    ]);
    expect(brief(linkDifferences(subject(), {}, live, needs({ mode: 'rollback' })))).toEqual(['unlink manager other']);
    expect(brief(linkDifferences(subject(), {}, live, needs()))).toEqual([]);
  });

  it('re-points reports only to a manager that came back under a new id (R26)', () => {
    const wanted: LinksOf = { directReports: ['user/r'] };
    expect(brief(linkDifferences(subject(), wanted, undefined, needs()))).toEqual([]);
    expect(brief(linkDifferences(subject({ liveId: 'new' }), wanted, undefined, needs()))).toEqual([
      'link directReports r',
    ]);
  });

  it('never removes links of a name the snapshot did not capture, in any mode (R48)', () => {
    const live: LinksOf = { memberOf: ['group/x'], sponsors: ['user/s'] };
    const found = linkDifferences(
      subject(),
      {},
      live,
      needs({ mode: 'rollback', notCaptured: ['memberOf', 'sponsors'] }),
    );
    expect(found).toEqual([]);
  });

  it('touches nothing when links are skipped', () => {
    expect(linkDifferences(subject(), { memberOf: ['group/a'] }, undefined, needs({ mode: 'skip' }))).toEqual([]);
  });

  it('is settled once its own differences are carried out', () => {
    const refs = fc.uniqueArray(fc.constantFrom('group/a', 'group/b', 'group/c', 'group/d'));
    fc.assert(
      fc.property(refs, refs, fc.constantFrom('merge', 'rollback'), (wanted, live, mode) => {
        const links = { memberOf: wanted } as LinksOf;
        const differences = linkDifferences(subject(), links, { memberOf: live } as LinksOf, needs({ mode }));
        const after = new Set<string>(live);
        for (const { act, other } of differences) act === 'link' ? after.add(other) : after.delete(other);
        const again = linkDifferences(subject(), links, { memberOf: [...after] } as LinksOf, needs({ mode }));
        expect(again).toEqual([]);
        expect(wanted.every((ref) => after.has(ref))).toBe(true);
        if (mode === 'rollback') expect([...after].sort()).toEqual([...wanted].sort());
      }),
    );
  });
});

describe('what Graph lets nobody link', () => {
  const [difference] = linkDifferences(subject(), { memberOf: ['group/a'] }, undefined, needs());
  const [manager] = linkDifferences(subject(), { manager: ['user/m'] }, undefined, needs());
  it.each([
    ['the other end is gone', undefined, 'linked-object-missing'],
    ['a dynamic group', { groupTypes: ['DynamicMembership'] }, 'group-dynamic'],
    ['a synced group', { onPremisesSyncEnabled: true }, 'group-on-premises'],
    ['a distribution list', { mailEnabled: true, groupTypes: [] }, 'mail-enabled-group-not-writable'],
    ['a Microsoft 365 group', { mailEnabled: true, groupTypes: ['Unified'] }, undefined],
  ])('%s (R37, R41-R43)', (_, group, reason) => {
    if (difference === undefined) throw new Error('no difference');
    expect(linkRefusal(difference, group, {})).toBe(reason);
  });

  it('the manager of a synced user (H02)', () => {
    if (manager === undefined) throw new Error('no difference');
    expect(linkRefusal(manager, { onPremisesSyncEnabled: true }, {})).toBe('user-on-premises-attribute');
  });

  it('takes nothing out of a role-assignable group unless told so (R40)', () => {
    expect(mayUnlink({ isAssignableToRole: true }, false)).toBe(false);
    expect(mayUnlink({ isAssignableToRole: true }, true)).toBe(true);
    expect(mayUnlink({}, false)).toBe(true);
  });
});
