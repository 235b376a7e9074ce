import { describe, expect, it } from 'vitest';
import { assignmentOf } from '../../src/directory/roles.ts';
import { roleSteps } from '../../src/restore/roles.ts';

const now = new Date('2026-06-01T00:00:00Z');
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
    const steps = roleSteps([assignment('reader'), assignment('helpdesk')], [assignment('reader')], same, now);
    expect(steps).toEqual([
      { roleDefinitionId: 'helpdesk', targetId: 'helpdesk', directoryScopeId: '/', expired: false },
    ]);
  });

  it('keeps the scope, under the id the unit has now', () => {
    const wanted = [assignment('helpdesk', '/administrativeUnits/u1')];
    const steps = roleSteps(wanted, [assignment('helpdesk')], (id) => (id === 'u1' ? 'u2' : id), now);
    expect(steps).toMatchObject([{ directoryScopeId: '/administrativeUnits/u2' }]);
  });

  it('keeps an end that is still ahead, and says when it is over', () => {
    const ends = ['2026-06-02T00:00:00Z', '2026-05-31T00:00:00Z'];
    const wanted = ends.map((end, index) => assignment(`role${index}`, '/', end));
    expect(roleSteps(wanted, [], same, now).map(({ endDateTime, expired }) => [endDateTime, expired])).toEqual([
      [ends[0], false],
      [ends[1], true],
    ]);
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
