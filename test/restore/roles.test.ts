import { describe, expect, it } from 'vitest';
import { assignmentOf } from '../../src/directory/roles.ts';
import { roleSteps } from '../../src/restore/roles.ts';

const now = new Date('2026-06-01T00:00:00Z');
const merging = { now, knowsEnds: true, mayShorten: () => false };
const same = (id: string) => id;
const assignment = (roleDefinitionId: string, directoryScopeId = '/', endDateTime?: string) => ({
  id: 'x',
  principalId: 'p',
  roleDefinitionId,
  directoryScopeId,
  ...(endDateTime === undefined ? {} : { endDateTime }),
});

describe('roles (R25, R45)', () => {
  it('assigns what live lacks, a duplicate counting as done', () => {
    const steps = roleSteps([assignment('reader'), assignment('helpdesk')], [assignment('reader')], same, merging);
    expect(steps).toEqual([
      { roleDefinitionId: 'helpdesk', targetId: 'helpdesk', directoryScopeId: '/', expired: false },
    ]);
  });

  it('keeps the scope, under the id the unit has now', () => {
    const wanted = [assignment('helpdesk', '/administrativeUnits/u1')];
    const steps = roleSteps(wanted, [assignment('helpdesk')], (id) => (id === 'u1' ? 'u2' : id), merging);
    expect(steps).toMatchObject([{ directoryScopeId: '/administrativeUnits/u2' }]);
  });

  it('keeps an end that is still ahead, and says when it is over', () => {
    const ends = ['2026-06-02T00:00:00Z', '2026-05-31T00:00:00Z'];
    const wanted = ends.map((end, index) => assignment(`role${index}`, '/', end));
    expect(roleSteps(wanted, [], same, merging).map(({ endDateTime, expired }) => [endDateTime, expired])).toEqual([
      [ends[0], false],
      [ends[1], true],
    ]);
  });

  const [sooner, later, past] = ['2026-06-02T00:00:00Z', '2026-07-01T00:00:00.000Z', '2026-05-31T00:00:00Z'];
  const rollingBack = { ...merging, mayShorten: () => true };
  const changes = (wanted: string | undefined, live: string | undefined, rule = merging) =>
    roleSteps([assignment('r', '/', wanted)], [assignment('r', '/', live)], same, rule).map(
      ({ endDateTime = null, replacesEnd, expired }) => [endDateTime, replacesEnd, expired],
    );

  it('R40 gives time back that is lacking, in every mode, and takes time away in a rollback alone', () => {
    for (const rule of [merging, rollingBack]) {
      expect(changes(undefined, sooner, rule)).toEqual([[null, sooner, false]]);
      expect(changes(later, sooner, rule)).toEqual([[later, sooner, false]]);
      expect(changes(undefined, undefined, rule)).toEqual([]);
      expect(changes(later, '2026-07-01T00:00:00Z', rule)).toEqual([]);
    }
    expect([changes(sooner, later), changes(sooner, undefined)]).toEqual([[], []]);
    expect(changes(sooner, later, rollingBack)).toEqual([[sooner, later, false]]);
    expect(changes(sooner, undefined, rollingBack)).toEqual([[sooner, null, false]]);
  });

  it('sets no end that has passed, and names it where a rollback would', () => {
    expect(changes(past, later)).toEqual([]);
    expect(changes(past, undefined, rollingBack)).toEqual([[past, null, true]]);
  });

  it('R48 compares no ends where the snapshot knows of none', () => {
    expect(changes(undefined, sooner, { ...rollingBack, knowsEnds: false })).toEqual([]);
  });

  it('counts once what either side has twice, with the later end', () => {
    const twice = [assignment('r', '/', sooner), assignment('r', '/', later)];
    expect(roleSteps(twice, twice, same, rollingBack)).toEqual([]);
    expect(roleSteps(twice, [assignment('r', '/', sooner)], same, merging)).toMatchObject([
      { endDateTime: later, replacesEnd: sooner },
    ]);
    expect(roleSteps(twice, [], same, merging)).toMatchObject([{ endDateTime: later }]);
  });

  it('reads the end out of a schedule, in which it may be missing in several ways', () => {
    const body = { principalId: 'p', roleDefinitionId: 'r', directoryScopeId: '/' };
    const end = (scheduleInfo: unknown) =>
      assignmentOf({ id: 'x', body: { ...body, scheduleInfo } as never }).endDateTime;
    expect(end({ expiration: { type: 'afterDateTime', endDateTime: '2026-07-01T00:00:00Z' } })).toBe(
      '2026-07-01T00:00:00Z',
    );
    for (const none of [undefined, null, {}, { expiration: null }, { expiration: { endDateTime: null } }])
      expect(end(none)).toBeUndefined();
  });
});
