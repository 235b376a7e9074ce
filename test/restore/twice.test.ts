/** Durable activities run at least once: here each runs twice, at the same moment, against the simulated tenant. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { createRestoreActivities } from '../../src/restore/activities.ts';
import { layout } from '../../src/restore/layout.ts';
import { readReport } from '../../src/restore/report.ts';
import { parseRestoreRequest } from '../../src/restore/request.ts';
import { putJson } from '../../src/storage/json-blob.ts';
import { type Json, type Simulated, startSimulated } from '../simulator/simulated.ts';
import { collect } from '../support/collect.ts';
import { aJob } from '../support/jobs.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

let tenant: Simulated;
beforeEach(async () => {
  tenant = await startSimulated();
});
afterEach(() => tenant.close());

const made = async (path: string, body: Json): Promise<string> => (await tenant.graph('POST', path, body)).body.id;

it('R40 a link that a first run took away is done, however often it is asked for again', async () => {
  const passwordProfile = { password: 'Once-and-4-all' };
  const ada = await made('/users', {
    accountEnabled: true,
    displayName: 'ada',
    mailNickname: 'ada',
    userPrincipalName: 'ada@contoso.com',
    passwordProfile,
  });
  const choir = await made('/groups', {
    displayName: 'Choir',
    mailEnabled: false,
    mailNickname: 'choir',
    securityEnabled: true,
    groupTypes: [],
  });
  const credential = { kind: 'development', token: 'app' } as const;
  const gateway = createGraphGateway({ cloud: 'global', endpoint: tenant.url, credential });
  const lab = snapshotLab(memoryBucket(), false, gateway);
  await lab.take('full');
  const member = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${ada}` };
  await tenant.graph('POST', `/groups/${choir}/members/$ref`, member);

  const input = { connectorId, jobId: 'restore' };
  await putJson(lab.bucket, layout.request(input), parseRestoreRequest({ groups: [choir], links: 'rollback' }));
  await lab.services.jobs.create(aJob({ id: 'restore', kind: 'restore', connectorId, requestedBy: 'test' }));
  const host = createRestoreActivities(lab.services);
  await host.beginRestore(input);
  await host.planRestoreChunk({ ...input, chunk: 0 });
  await host.restoreUser({ ...input, chunk: 0, index: 0 });
  await host.planRestoreLinks({ ...input, chunk: 0 });
  // The first run dies with the link gone and nothing noted.
  await tenant.graph('DELETE', `/groups/${choir}/members/${ada}/$ref`);
  expect(await host.writeRestoreLinks({ ...input, part: 0, from: 0, to: 256, chunks: 1, last: false })).toEqual({
    done: 1,
    notDone: 0,
  });
});

it('R35 two activities that restore the same users and links at once create each once', async () => {
  const users: string[] = [];
  for (const name of ['ada', 'ben', 'cem', 'dina']) {
    const passwordProfile = { password: 'Once-and-4-all' };
    users.push(
      await made('/users', {
        accountEnabled: true,
        displayName: name,
        mailNickname: name,
        userPrincipalName: `${name}@contoso.com`,
        passwordProfile,
      }),
    );
  }
  const invitation = { invitedUserEmailAddress: 'guest@partner.com', inviteRedirectUrl: 'https://example.com' };
  users.push((await tenant.graph('POST', '/invitations', invitation)).body.invitedUser.id);
  const group = await made('/groups', {
    displayName: 'Choir',
    mailEnabled: false,
    mailNickname: 'choir',
    securityEnabled: true,
    groupTypes: [],
  });
  const bound = users.map((id) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`);
  await tenant.graph('PATCH', `/groups/${group}`, { 'members@odata.bind': bound });

  const credential = { kind: 'development', token: 'app' } as const;
  const gateway = createGraphGateway({ cloud: 'global', endpoint: tenant.url, credential });
  const lab = snapshotLab(memoryBucket(), false, gateway);
  await lab.take('full');
  for (const id of [...users, group]) {
    await tenant.graph('DELETE', id === group ? `/groups/${id}` : `/users/${id}`);
    await tenant.graph('DELETE', `/directory/deletedItems/${id}`);
  }

  const input = { connectorId, jobId: 'restore' };
  await putJson(lab.bucket, layout.request(input), parseRestoreRequest({ users, groups: [group] }));
  await lab.services.jobs.create(aJob({ id: 'restore', kind: 'restore', connectorId, requestedBy: 'test' }));
  // Two hosts, each with its own copy of the activities; every activity is given to both at once.
  const hosts = [createRestoreActivities(lab.services), createRestoreActivities(lab.services)] as const;
  const both = async <T>(work: (activities: (typeof hosts)[number]) => Promise<T>): Promise<T> =>
    (await Promise.all(hosts.map(work)))[0] as T;

  const { kinds } = await both((host) => host.beginRestore(input));
  const chunks = kinds.reduce((sum, kind) => sum + kind.chunks, 0);
  const each = async (work: (chunk: number) => Promise<unknown>) => {
    for (let chunk = 0; chunk < chunks; chunk += 1) await work(chunk);
  };
  await each((chunk) => both((host) => host.planRestoreChunk({ ...input, chunk })));
  for (const { firstChunk, count } of kinds) {
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        both((host) => host.restoreUser({ ...input, chunk: firstChunk, index })),
      ),
    );
  }
  await each((chunk) => both((host) => host.planRestoreLinks({ ...input, chunk })));
  await both((host) => host.writeRestoreLinks({ ...input, part: 0, from: 0, to: 256, chunks, last: false }));
  await each((chunk) => both((host) => host.verifyRestoreChunk({ ...input, chunk, linkParts: 1 })));
  await each((chunk) => both((host) => host.reportRestoreChunk({ ...input, chunk, linkParts: 1 })));
  expect(await hosts[0].endRestore({ ...input, chunks, linkParts: 1 })).toBe('completed');

  const objects = await collect(readReport(lab.bucket, input));
  expect(objects.map(({ result }) => result)).toEqual(Array.from({ length: 6 }, () => 'created'));
  const live = (await tenant.graph('GET', '/users?$select=id,userPrincipalName')).body.value;
  expect(live.map((user: Json) => user.userPrincipalName).sort()).toEqual(
    ['ada', 'ben', 'cem', 'dina', 'guest_partner.com#EXT#'].map((name) => `${name}@contoso.com`),
  );
  const groups = (await tenant.graph('GET', '/groups?$select=id')).body.value;
  expect(groups).toHaveLength(1);
  const members = (await tenant.graph('GET', `/groups/${groups[0].id}/members?$select=id`)).body.value;
  expect(members.map((member: Json) => member.id).sort()).toEqual(live.map((user: Json) => user.id).sort());
});
