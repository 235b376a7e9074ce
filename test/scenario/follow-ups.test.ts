/** What a job does by itself after it has ended: when the synchronization has come, roles are given back and the proof is made again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { graphPermissions } from '../../src/graph/permissions.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { roles, skuSettings } from '../support/company.ts';
import { expectStatus, send } from '../support/http.ts';
import { onPremisesOf } from '../support/on-premises.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const onPremises = onPremisesOf(system);

let ines: string;
let anchor: string;
let choir: string;
let admins: string;
let helpdesk: string;
let before: Json;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('POST', '/settings', skuSettings());
  ({ id: ines, anchor } = await onPremises.synced('Ines'));
  choir = await directory.securityGroup('Choir');
  admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
  await directory.link(`/groups/${choir}`, 'members', ines);
  await directory.link(`/groups/${admins}`, 'members', ines);
  helpdesk = await directory.assignRole(ines, roles.helpdesk);
  await system.snapshot('full');
  before = await directory.portrait(ines);
});

/** Fires the timer by the host's own door, as a portal would. */
const tick = async (): Promise<void> => {
  const { api, key } = system.system;
  const url = `${new URL(api).origin}/admin/functions/dueFollowUps`;
  expectStatus('tick', await send({ method: 'POST', url, headers: { 'x-functions-key': key }, body: {} }), 202);
};

const jobOf = async (id: string): Promise<Json> => (await system.api('GET', `/jobs/${id}`)).body;
const statesOf = ({ followUps }: Json): Json =>
  Object.fromEntries(followUps.map(({ id, state, reason }: Json) => [id, reason ?? state ?? 'a person']));

/** Ticks and waits until the job looks as wanted; the last tick may still be under way when the next is asked for. */
async function tickUntil(id: string, isAsWanted: (job: Json) => boolean): Promise<Json> {
  for (let tries = 0; tries < 60; tries += 1) {
    await tick();
    await sleep(250);
    const job = await jobOf(id);
    if (isAsWanted(job)) return job;
  }
  throw new Error(`the follow-ups stand as ${JSON.stringify((await jobOf(id)).followUps)}`);
}

/** Ticks, and waits until that look has ended: it reads the user, whose reads are counted. */
async function lookOnce(): Promise<void> {
  await system.forgetStats();
  await tick();
  for (let tries = 0; tries < 40; tries += 1) {
    await sleep(100);
    if ((await system.control('GET', '/stats')).requests > 0) break;
  }
  await sleep(500);
}

const isSettled = ({ followUps }: Json): boolean => followUps.every(({ state }: Json) => state !== 'pending');

it('H05 gives held-back roles back by itself once the sync has come, and the incomplete job becomes a proven one', async () => {
  await directory.purge(`/users/${ines}`);
  const { job, report } = await system.restore({ users: [ines], groups: [admins] });
  expect(job.status).toBe('incomplete');
  const held = { [`roleAssignments-${roles.helpdesk}`]: 'pending', [`memberOf-${admins}`]: 'pending' };
  expect(statesOf(job)).toEqual({ passwords: 'a person', account: 'pending', sync: 'pending', ...held });
  const { newId } = report.objects.find(({ id }: Json) => id === ines);

  // Nothing has come yet: one read of the user, on whose row all that waits stands.
  await lookOnce();
  expect(await system.control('GET', '/stats')).toMatchObject({ requests: 1, writes: 0 });
  expect(statesOf(await jobOf(job.id))).toMatchObject(held);

  await onPremises.sync();
  await system.forgetStats();
  await Promise.all([tick(), tick()]);
  const after = await tickUntil(job.id, isSettled);
  expect(await system.writes(), 'one role, one membership').toBe(2);
  expect(after).toMatchObject({ status: 'completed', counts: { created: 1, unchanged: 1, updated: 0, partial: 0 } });
  expect(statesOf(after)).toEqual({
    passwords: 'a person',
    account: 'completed',
    sync: 'completed',
    [`roleAssignments-${roles.helpdesk}`]: 'completed',
    [`memberOf-${admins}`]: 'completed',
  });
  expect(after.followUps.at(-1)).toMatchObject({ completedDateTime: expect.any(String) });
  expect(await directory.portrait(newId)).toEqual(before);

  const proof = await system.report(job.id);
  expect(proof.counts).toEqual(after.counts);
  for (const object of proof.objects) {
    expect(object.verification).toEqual({ matched: true, mismatches: [] });
    expect(object.links.filter(({ result }: Json) => result !== 'done')).toEqual([]);
  }
  await expectUnchangedAgain(system, { users: [ines] });
});

it('H10 names the relations that a user lacks when the sync has come at last', async () => {
  await directory.unlink(`/groups/${admins}`, 'members', ines);
  await system.graph('DELETE', `/roleManagement/directory/roleAssignments/${helpdesk}`);
  await system.snapshot('full');
  await directory.purge(`/users/${ines}`);
  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('completed');
  const [{ newId }] = report.objects;
  await directory.unlink(`/groups/${choir}`, 'members', newId);
  await onPremises.sync();
  const after = await tickUntil(job.id, isSettled);
  expect(after.status).toBe('incomplete');
  expect(statesOf(after)).toMatchObject({ account: 'completed', sync: 'verification-mismatch' });
  const [object] = (await system.report(job.id)).objects;
  expect(object).toMatchObject({ result: 'partial', verification: { mismatches: [`memberOf/${choir}`] } });
  // Named, not written: somebody may have meant it.
  expect(await directory.ids(`/users/${newId}/memberOf?$select=id`)).not.toContain(choir);
});

it('gives no role to a user whom another account has taken over', async () => {
  await directory.purge(`/users/${ines}`);
  await system.control('DELETE', `/on-premises/users/${encodeURIComponent(anchor)}`);
  const { job, report } = await system.restore({ users: [ines] });
  const [{ newId }] = report.objects;
  await system.control('PATCH', `/objects/${newId}`, {
    onPremisesSyncEnabled: true,
    onPremisesImmutableId: Buffer.from('somebody else').toString('base64'),
  });
  await system.forgetStats();
  const after = await tickUntil(job.id, isSettled);
  expect(after.status).toBe('incomplete');
  expect(statesOf(after)).toMatchObject({
    sync: 'anchor-conflict',
    [`roleAssignments-${roles.helpdesk}`]: 'anchor-conflict',
  });
  expect(await system.writes()).toBe(0);
});

it('H05 tries again what was refused for want of a right, until it is given', async () => {
  await directory.purge(`/users/${ines}`);
  const { job } = await system.restore({ users: [ines] });
  await onPremises.sync();
  const all = graphPermissions.map(({ name }) => name);
  const without = all.filter((name) => name !== 'RoleManagement.ReadWrite.Directory');
  await system.control('POST', '/settings', { permissions: without });
  const role = `roleAssignments-${roles.helpdesk}`;
  const refused = await tickUntil(job.id, (now) => statesOf(now)[role] !== 'pending');
  expect(refused.status).toBe('incomplete');
  expect(statesOf(refused)[`memberOf-${admins}`]).toBe('privileged-needs-app-role');
  expect(refused.followUps.find(({ id }: Json) => id === role)).toMatchObject({
    state: 'pending',
    reason: 'graph-error',
    expiresDateTime: expect.any(String),
  });
  await system.control('POST', '/settings', { permissions: all });
  const after = await tickUntil(job.id, isSettled);
  expect(after).toMatchObject({ status: 'completed', counts: { created: 1, partial: 0 } });
  expect(statesOf(after)[role]).toBe('completed');
});

it('does nothing more for a follow-up that was cancelled', async () => {
  await directory.purge(`/users/${ines}`);
  const { job, report } = await system.restore({ users: [ines] });
  const role = `roleAssignments-${roles.helpdesk}`;
  const cancel = (id: string) => system.api('POST', `/jobs/${job.id}/follow-ups/${id}/cancel`);
  expect((await cancel('nothing')).status).toBe(404);
  expect((await cancel('passwords')).status).toBe(409);
  expect(statesOf(expectStatus('cancel', await cancel(role), 200).body)[role]).toBe('cancelled');
  expect((await cancel(role)).status).toBe(409);

  await onPremises.sync();
  const after = await tickUntil(job.id, isSettled);
  expect(after.status).toBe('incomplete');
  expect(statesOf(after)).toMatchObject({
    sync: 'completed',
    [`memberOf-${admins}`]: 'completed',
    [role]: 'cancelled',
  });
  const [{ newId }] = report.objects;
  expect((await directory.portrait(newId)).roles).toEqual([]);
  const [object] = (await system.report(job.id)).objects;
  expect(object.links).toContainEqual(
    expect.objectContaining({ relation: 'roleAssignments', result: 'skipped', reason: 'not-tried' }),
  );
});

it('H05 gives a group its held-back member, too, when the group alone is restored', async () => {
  await directory.purge(`/users/${ines}`);
  const { report } = await system.restore({ users: [ines], links: 'skip' });
  const [{ newId }] = report.objects;
  const { job } = await system.restore({ groups: [admins] });
  expect(job.status).toBe('incomplete');
  expect(job.followUps).toMatchObject([{ id: `memberOf-${admins}`, state: 'pending', objectIds: [newId] }]);
  await onPremises.sync();
  expect(await tickUntil(job.id, isSettled)).toMatchObject({ status: 'completed', counts: { updated: 1 } });
  expect(await directory.ids(`/groups/${admins}/members?$select=id`)).toEqual([newId]);
  await expectUnchangedAgain(system, { groups: [admins] });
});

it('keeps the snapshot of a job that waits from being removed', async () => {
  await directory.purge(`/users/${ines}`);
  const { job } = await system.restore({ users: [ines] });
  await system.snapshot('full');
  await system.snapshot('full');
  const body = { dryRun: true, policy: { keepLast: 1 } };
  const kept = async (): Promise<Json> => {
    const { jobId } = (await system.api('POST', '/connectors/default/retention', body)).body;
    await system.waitForJob(jobId);
    const { snapshots } = (await system.api('GET', `/jobs/${jobId}/report`)).body;
    return snapshots.find(({ id }: Json) => id === job.snapshotId);
  };
  expect(await kept()).toMatchObject({ keep: true, reasons: ['used-by-a-job'] });
  await onPremises.sync();
  await tickUntil(job.id, isSettled);
  expect(await kept()).toMatchObject({ keep: false });
});

it('H10 is undone only once it waits no more, with what it gave later', async () => {
  await directory.purge(`/users/${ines}`);
  const [{ newId }] = (await system.restore({ users: [ines], links: 'skip' })).report.objects;
  const { job } = await system.restore({ groups: [admins] });
  expect(statesOf(job)).toMatchObject({ [`memberOf-${admins}`]: 'pending' });
  const undo = () => system.api('POST', `/jobs/${job.id}/undo`);
  expect(await undo()).toMatchObject({ status: 409, body: { detail: expect.stringContaining('follow-ups') } });

  await onPremises.sync();
  await tickUntil(job.id, isSettled);
  expect(await directory.ids(`/groups/${admins}/members?$select=id`)).toEqual([newId]);
  const { jobId } = (await undo()).body;
  expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed', counts: { updated: 1 } });
  expect(await directory.ids(`/groups/${admins}/members?$select=id`)).toEqual([]);
}, 60_000);
