import { afterEach, describe, expect, it } from 'vitest';
import type { Write } from '../../src/directory/gateway.ts';
import { graphError, notFound, type ScriptedGraph, type Seen, scriptedGraph } from './scripted-graph.ts';

let graph: ScriptedGraph;
afterEach(() => graph.close());

const heard = ({ method, path, body }: Seen) => ({ method, path, body });

const held = { holding: 'active', startDateTime: '2026-01-01T00:00:00.000Z' } as const;

describe('writing', () => {
  it('says every write in its documented form (graph-facts 4.1, 4.4, 5)', async () => {
    graph = await scriptedGraph(({ path }) => (path === '/$batch' ? notFound : { status: 204 }));
    const root = `${graph.url}/v1.0/directoryObjects`;
    const writes: Write[] = [
      { write: 'create', kind: 'administrativeUnits', body: { displayName: 'North' } },
      { write: 'undelete', kind: 'users', id: 'u1' },
      { write: 'update', kind: 'roleDefinitions', id: 'r1', changes: { description: null } },
      { write: 'link', relation: 'members', source: 'g1', targets: ['a', 'b'] },
      { write: 'link', relation: 'owners', source: 'g2', targets: ['a'] },
      { write: 'link', relation: 'unitMembers', source: 'n1', targets: ['a'] },
      { write: 'link', relation: 'manager', source: 'u2', targets: ['m'] },
      { write: 'link', relation: 'sponsors', source: 'u3', targets: ['s'] },
      { write: 'unlink', relation: 'members', source: 'g3', target: 'a' },
      { write: 'unlink', relation: 'manager', source: 'u4', target: 'm' },
      { write: 'license', kind: 'users', id: 'u5', add: [{ skuId: 'sku', disabledPlans: ['p'] }], remove: ['old'] },
      { write: 'assign-role', ...held, principalId: 'u6', roleDefinitionId: 'rd', directoryScopeId: '/' },
      { write: 'delete', kind: 'users', id: 'u7' },
      { write: 'remove-app-role', id: 'u8', assignmentId: 'a1' },
      { write: 'remove-photo', id: 'u9' },
    ];
    expect(await graph.gateway.apply(writes)).toEqual(writes.map(() => ({ ok: true })));
    expect(graph.seen.map(heard)).toEqual([
      { method: 'POST', path: '/directory/administrativeUnits', body: { displayName: 'North' } },
      { method: 'POST', path: '/directory/deletedItems/u1/restore', body: undefined },
      { method: 'PATCH', path: '/roleManagement/directory/roleDefinitions/r1', body: { description: null } },
      { method: 'PATCH', path: '/groups/g1', body: { 'members@odata.bind': [`${root}/a`, `${root}/b`] } },
      { method: 'POST', path: '/groups/g2/owners/$ref', body: { '@odata.id': `${root}/a` } },
      { method: 'POST', path: '/directory/administrativeUnits/n1/members/$ref', body: { '@odata.id': `${root}/a` } },
      { method: 'PUT', path: '/users/u2/manager/$ref', body: { '@odata.id': `${root}/m` } },
      { method: 'POST', path: '/users/u3/sponsors/$ref', body: { '@odata.id': `${root}/s` } },
      { method: 'DELETE', path: '/groups/g3/members/a/$ref', body: undefined },
      { method: 'DELETE', path: '/users/u4/manager/$ref', body: undefined },
      {
        method: 'POST',
        path: '/users/u5/assignLicense',
        body: { addLicenses: [{ skuId: 'sku', disabledPlans: ['p'] }], removeLicenses: ['old'] },
      },
      {
        method: 'POST',
        path: '/roleManagement/directory/roleAssignments',
        body: { principalId: 'u6', roleDefinitionId: 'rd', directoryScopeId: '/' },
      },
      { method: 'DELETE', path: '/users/u7', body: undefined },
      { method: 'DELETE', path: '/users/u8/appRoleAssignments/a1', body: undefined },
      { method: 'DELETE', path: '/users/u9/photo/$value', body: undefined },
    ]);
    expect(graph.envelopes).toHaveLength(1);
  });

  it('sends a photo as its bytes and nothing around them', async () => {
    graph = await scriptedGraph(() => ({ status: 204 }));
    const pooled = Buffer.from('padding-photo-padding').subarray(8, 13);
    const photo = { bytes: new Uint8Array(pooled.buffer, pooled.byteOffset, 5), contentType: 'image/jpeg' };
    expect(await graph.gateway.apply([{ write: 'photo', id: 'u', photo }])).toEqual([{ ok: true }]);
    expect(graph.seen[0]).toMatchObject({ method: 'PUT', path: '/users/u/photo/$value' });
    expect(String(graph.seen[0]?.body)).toBe('photo');
    expect(graph.seen[0]?.headers['content-type']).toBe('image/jpeg');
  });

  const conflict = [
    { code: 'ObjectConflict', message: '', target: 'userPrincipalName' },
    { code: 'ConflictingObjects', message: '', target: 'User_1' },
  ];
  it.each([
    [
      'a value another holds',
      graphError(400, 'Request_BadRequest', conflict),
      { problem: 'conflict', property: 'userPrincipalName' },
    ],
    [
      'a value another holds, said the newer way',
      graphError(409, 'Request_MultipleObjectsWithSameKeyValue'),
      { problem: 'conflict' },
    ],
    [
      'a value Graph dislikes',
      graphError(400, 'Request_BadRequest', [{ code: 'Invalid', target: 'mail' }]),
      { problem: 'refused', property: 'mail' },
    ],
    ['a missing right', graphError(403, 'Authorization_RequestDenied'), { problem: 'forbidden' }],
    ['a full quota', graphError(403, 'Directory_QuotaExceeded'), { problem: 'refused' }],
    ['an unknown object', notFound, { problem: 'missing' }],
    ['a server that failed', graphError(500, 'UnknownError'), { problem: 'uncertain' }],
  ])('tells %s by status and code, and lets the writes beside it be', async (_what, said, expected) => {
    graph = await scriptedGraph(({ path, body }) =>
      path === '/$batch' ? notFound : body.displayName === 'bad' ? said : { status: 201, body: { id: 'ok' } },
    );
    const create = (displayName: string) => ({ write: 'create', kind: 'users', body: { displayName } }) as const;
    const [good, bad, also] = await graph.gateway.apply([create('good'), create('bad'), create('also')]);
    expect([good, also]).toEqual([
      { ok: true, id: 'ok' },
      { ok: true, id: 'ok' },
    ]);
    expect(bad).toMatchObject({ ok: false, ...expected });
  });

  it('looks at the tenant to tell an unknown end, and a link that is there, from one that is not allowed', async () => {
    graph = await scriptedGraph(({ method, path }) => {
      if (path === '/$batch' || path.includes('/gone?')) return notFound;
      if (path.includes('/memberOf')) {
        const groups = path.includes('/linked/') ? [{ '@odata.type': '#microsoft.graph.group', id: 'g' }] : [];
        return { status: 200, body: { value: groups } };
      }
      return method === 'GET' ? { status: 200, body: { id: 'x' } } : graphError(400, 'Request_BadRequest');
    });
    const link = (target: string) => ({ write: 'link', relation: 'members', source: 'g', targets: [target] }) as const;
    const results = await graph.gateway.apply([link('gone'), link('linked'), link('there')]);
    expect(results).toMatchObject([{ problem: 'missing' }, { problem: 'conflict' }, { problem: 'refused' }]);
  });

  it('calls a role that is held already a conflict', async () => {
    const assignment = { id: 'a', principalId: 'u', roleDefinitionId: 'r', directoryScopeId: '/' };
    graph = await scriptedGraph(({ method, path }) => {
      if (path === '/$batch') return notFound;
      return method === 'GET' ? { status: 200, body: { value: [assignment] } } : graphError(400, 'Request_BadRequest');
    });
    const { id: _id, ...role } = assignment;
    expect(await graph.gateway.apply([{ write: 'assign-role', ...held, ...role }])).toMatchObject([
      { problem: 'conflict' },
    ]);
  });

  it('refuses more targets than one write takes', async () => {
    graph = await scriptedGraph(() => notFound);
    const link = { write: 'link', relation: 'owners', source: 'g', targets: ['a', 'b'] } as const;
    await expect(graph.gateway.apply([link])).rejects.toMatchObject({ code: 'invalid-input' });
  });
});
