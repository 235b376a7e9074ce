import { describe, expect, it } from 'vitest';
import { isAppError } from '../../src/errors.ts';
import { parseRestoreRequest, selectedKinds } from '../../src/restore/request.ts';

const refusal = (body: unknown) => {
  try {
    parseRestoreRequest(body);
  } catch (error) {
    return isAppError(error) ? `${error.code}: ${error.message}` : error;
  }
  return undefined;
};

describe('the restore request', () => {
  it('fills the defaults of the contract', () => {
    expect(parseRestoreRequest({ users: ['ada@contoso.com'] })).toMatchObject({
      dryRun: false,
      onExisting: 'overwrite',
      links: 'merge',
      useRecycleBin: true,
      hybrid: 'adopt',
      newUsers: { password: 'random', accountEnabled: 'as-in-snapshot' },
    });
  });

  it('only plans a restore of all, unless told otherwise in so many words (R05)', () => {
    expect(parseRestoreRequest({ users: 'all' }).dryRun).toBe(true);
    expect(parseRestoreRequest({ users: 'all', dryRun: false }).dryRun).toBe(false);
  });

  it('takes null for an option that is left out', () => {
    const { reason, newUsers, dryRun } = parseRestoreRequest({
      users: ['u'],
      groups: null,
      reason: null,
      dryRun: null,
      onExisting: null,
      newUsers: { password: null, accountEnabled: null },
    });
    expect({ reason, newUsers, dryRun }).toMatchObject({
      newUsers: { password: 'random', accountEnabled: 'as-in-snapshot' },
      dryRun: false,
    });
    expect(parseRestoreRequest({ users: ['u'], newUsers: null }).newUsers.password).toBe('random');
  });

  it('restores groups before users, whatever the order of the request', () => {
    const request = parseRestoreRequest({ users: ['u'], groups: ['g'], roleDefinitions: ['r'] });
    expect(selectedKinds(request).map(({ kind }) => kind)).toEqual(['roleDefinitions', 'groups', 'users']);
  });

  it.each([
    ['naming nobody', {}, /names nobody/],
    ['an empty list', { users: [] }, /names nobody/],
    ['an unknown field', { users: ['u'], foo: 1 }, /foo/],
    ['a wrong type', { users: 7 }, /users: must be a list of ids, or "all"/],
    ['a name that is no list', { groups: 'x' }, /groups: must be a list of ids, or "all"/],
    ['a misspelt attribute', { users: ['u'], attributes: ['departmnt'] }, /no such attribute/],
    ['a blank name', { users: [' '] }, /users/],
    ['a wrong word', { users: ['u'], links: 'sometimes' }, /links/],
    ['both a snapshot and a time', { users: ['u'], snapshotId: 's', asOfDateTime: '2026-03-01T00:00:00Z' }, /either/],
    ['a plan to be planned', { planId: 'p', dryRun: true }, /dryRun/],
    ['no object', 'users', /body/],
  ])('refuses %s, saying what is wrong', (_, body, words) => {
    expect(refusal(body)).toMatch(/^invalid-input: /);
    expect(refusal(body)).toMatch(words);
  });
});
