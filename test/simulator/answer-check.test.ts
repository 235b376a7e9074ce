/** The check of answers finds what Graph would not say; every test of the simulator runs through it. */
import { describe, expect, it } from 'vitest';
import { complaintsAbout } from './answer-check.ts';

const context = (path: string) => `https://graph.microsoft.com/v1.0/$metadata#${path}`;
const id = '3f1c0a52-7a7e-4d0b-9a4d-0c5b1f6f0a11';
const user = { '@odata.context': context('users/$entity'), id, displayName: 'Mila', businessPhones: [] };
const list = (value: unknown[], path = 'users') => ({ '@odata.context': context(path), value });
const innerError = { date: '2026-01-01T00:00:00', 'request-id': id, 'client-request-id': id };

describe('the check of answers (graph-schema-v1.json)', () => {
  it('finds nothing in what Graph says', () => {
    for (const [path, status, body] of [
      ['/users/x', 200, user],
      ['/users', 200, list([{ id, displayName: null }])],
      ['/users?$select=displayName', 200, list([{ id, displayName: 'Mila' }])],
      [
        '/groups/delta',
        200,
        list([{ id, 'members@delta': [{ '@odata.type': '#microsoft.graph.user', id }] }], 'groups'),
      ],
      ['/users/delta', 200, list([{ id, '@removed': { reason: 'changed' } }])],
      ['/users/x', 404, { error: { code: 'Request_ResourceNotFound', message: 'no', innerError } }],
      ['/groups/x/members/$ref', 200, list([{ '@odata.id': 'https://x' }], 'Collection($ref)')],
      ['/$batch', 200, { responses: [{ id: '1', status: 204, headers: {} }] }],
    ] as const) {
      expect(complaintsAbout(path, status, body), path).toEqual([]);
    }
  });

  it.each([
    ['a property the type has not', '/users/x', { ...user, shoeSize: 43 }, 'shoeSize'],
    ['a number for a text', '/users/x', { ...user, displayName: 7 }, 'displayName'],
    ['null for a collection', '/users/x', { ...user, businessPhones: null }, 'businessPhones'],
    ['a date that is none', '/users/x', { ...user, createdDateTime: 'yesterday' }, 'createdDateTime'],
    [
      'a member of no enumeration',
      '/x',
      { '@odata.context': context('users/$entity'), id, assignedLicenses: [{ skuId: 7 }] },
      'skuId',
    ],
    [
      'a property inside a complex value',
      '/users/x',
      { ...user, employeeOrgData: { division: 'x', team: 'y' } },
      'team',
    ],
    ['what was not selected', '/users?$select=displayName', list([{ id, displayName: 'x', city: 'y' }]), 'city'],
    ['no context', '/users/x', { id }, '@odata.context'],
    [
      'a context of another host',
      '/users/x',
      { ...user, '@odata.context': 'http://localhost/$metadata#users' },
      'no type',
    ],
    [
      'both links',
      '/users',
      { ...list([]), '@odata.nextLink': 'http://a/b', '@odata.deltaLink': 'http://a/b' },
      'both',
    ],
    [
      'a member of a delta without a type',
      '/groups/delta',
      list([{ id, 'members@delta': [{ id }] }], 'groups'),
      '@odata.type',
    ],
    ['an expanded object of another form', '/users/x', { ...user, manager: { id, shoeSize: 1 } }, 'shoeSize'],
    [
      'a bad part of a batch',
      '/$batch',
      { responses: [{ id: '1', status: 200, body: { ...user, shoeSize: 1 } }] },
      'shoeSize',
    ],
  ])('finds %s', (_what, path, body, named) => {
    expect(complaintsAbout(path, 200, body).join()).toContain(named);
  });

  it('finds an error that is not documented so', () => {
    expect(complaintsAbout('/users/x', 404, { error: { code: 'x', message: 'y' } }).join()).toContain('innerError');
    expect(complaintsAbout('/users/x', 404, { error: { code: '', message: 'y', innerError } }).join()).toContain(
      'code',
    );
    expect(complaintsAbout('/users/x', 404, { message: 'y' }).join()).toContain('error');
  });
});
