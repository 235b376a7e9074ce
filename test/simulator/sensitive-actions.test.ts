/** The table of who may act on whom (L:api/resources/users, "Who can perform sensitive actions"; graph-facts 4.2). */
import { describe, expect, it } from 'vitest';
import { findBuiltInRole } from '../../src/dev/simulator/resources/role-templates.ts';
import { mayActOn, maySetPassword, roleTemplates } from '../../src/dev/simulator/sensitive-actions.ts';

const id = (name: string): string => findBuiltInRole(name)?.id ?? `there is no role ${name}`;
const actors = [
  'Authentication Administrator',
  'User Administrator',
  'Privileged Authentication Administrator',
  'Global Administrator',
].map(id);

describe('sensitive actions on the holder of a role', () => {
  it.each([
    ['Authentication Administrator', [true, false, true, true]],
    ['Directory Readers', [true, true, true, true]],
    ['Global Administrator', [false, false, true, true]],
    ['Groups Administrator', [false, true, true, true]],
    ['Guest Inviter', [true, true, true, true]],
    ['Helpdesk Administrator', [false, true, true, true]],
    ['Message Center Reader', [true, true, true, true]],
    ['Password Administrator', [true, true, true, true]],
    ['Privileged Authentication Administrator', [false, false, true, true]],
    ['Privileged Role Administrator', [false, false, true, true]],
    ['Reports Reader', [true, true, true, true]],
    ['User Administrator', [false, true, true, true]],
    ['Usage Summary Reports Reader', [true, true, true, true]],
    // No row of the table names it.
    ['Application Administrator', [false, false, true, true]],
  ])('%s', (held, allowed) => {
    expect(actors.map((actor) => mayActOn([actor], [id(held)]))).toEqual(allowed);
    expect(mayActOn([], [id(held)])).toBe(false);
  });

  it('counts every role he holds, and lets one role of the app answer for all of them', () => {
    const both = [id('Helpdesk Administrator'), id('Authentication Administrator')];
    expect(mayActOn([id('User Administrator'), id('Authentication Administrator')], both)).toBe(false);
    expect(mayActOn([id('User Administrator')], [id('Helpdesk Administrator'), id('Reports Reader')])).toBe(true);
  });

  it('needs no role for a user without any, and one of the highest for who is protected in full', () => {
    expect(mayActOn([], [])).toBe(true);
    expect(actors.map((actor) => mayActOn([actor], 'full'))).toEqual([false, false, true, true]);
  });

  it('knows every role of the table by its template id', () => {
    for (const template of Object.values(roleTemplates)) expect(findBuiltInRole(template)?.id).toBe(template);
  });
});

describe('setting a password', () => {
  it('needs User Administrator or higher', () => {
    expect(actors.map((actor) => maySetPassword([actor]))).toEqual([false, true, true, true]);
    expect(maySetPassword([])).toBe(false);
  });
});
