/** Values of directory extensions: overwritten by mistake, lost with their user or group, or without a definition by now. */
import { beforeAll, describe, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let app: string;
let cost: string;
let skills: string;
let count: string;
const define = async (name: string, more: object = {}): Promise<Json> =>
  system.graph('POST', `/applications/${app}/extensionProperties`, {
    name,
    dataType: 'String',
    targetObjects: ['User', 'Group'],
    ...more,
  });
const read = (path: string, ...names: string[]) => directory.get(`${path}?$select=${names.join()}`);

beforeAll(async () => {
  const body = { appId: '4d405aa8-baa0-4fb4-94d3-e0571fd9fd71', displayName: 'Payroll' };
  ({ id: app } = await system.control('POST', '/objects', { '@odata.type': '#microsoft.graph.application', ...body }));
  cost = (await define('costCentre')).name;
  skills = (await define('skills', { isMultiValued: true })).name;
  count = (await define('count', { dataType: 'Integer' })).name;
});

describe('values of directory extensions', () => {
  it('R11 R12 R07 overwritten by mistake come back, a value that was none is cleared, and a comparison says so before', async () => {
    const ada = await directory.user('Ada', { [cost]: 'K-7', [skills]: ['singing', 'sailing'] });
    const choir = await directory.securityGroup('Choir', { [cost]: 'K-9' });
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${ada}`, { [cost]: 'oops', [skills]: null, [count]: 3 });
    await system.graph('PATCH', `/groups/${choir}`, { [cost]: null });
    const path = `/connectors/default/snapshots/latest/users/${ada}`;
    const { attributes } = (await system.api('GET', `${path}/compare?with=live`)).body;
    expect(attributes).toEqual([
      { name: cost, left: 'K-7', right: 'oops', restorable: true },
      { name: count, left: null, right: 3, restorable: true },
      { name: skills, left: ['singing', 'sailing'], right: null, restorable: true },
    ]);
    const request = { users: [ada], groups: [choir] };
    const { job } = await system.restore(request);
    expect(job).toMatchObject({ status: 'completed', warnings: [] });
    expect(await read(`/users/${ada}`, cost, skills)).toMatchObject({
      [cost]: 'K-7',
      [skills]: ['singing', 'sailing'],
    });
    expect(await read(`/users/${ada}`, count)).not.toHaveProperty(count);
    expect(await read(`/groups/${choir}`, cost)).toMatchObject({ [cost]: 'K-9' });
    await expectUnchangedAgain(system, request);
  });

  it('R02 R24 changed since a full snapshot are in the next one, and are given to a user who is made again', async () => {
    const ben = await directory.user('Ben', { [cost]: 'K-1' });
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${ben}`, { [cost]: 'K-2', [count]: 5 });
    await system.snapshot('incremental');
    await directory.purge(`/users/${ben}`);
    const { job, report } = await system.restore({ users: [ben], attributes: [cost, count] });
    expect(job.status).toBe('completed');
    expect(await read(`/users/${report.objects[0].newId}`, cost, count)).toMatchObject({ [cost]: 'K-2', [count]: 5 });
  });

  it('H01 of a synced user are given back where the cloud owns them, and left to synchronization where that brought them', async () => {
    const { name: badge } = await define('badge', { isSyncedFromOnPremises: true });
    const cleo = await directory.user('Cleo', { [cost]: 'K-3' });
    const synced = { onPremisesSyncEnabled: true, onPremisesImmutableId: 'Y2xlbw==', [badge]: 'B-1' };
    await system.control('PATCH', `/objects/${cleo}`, synced);
    await system.snapshot('full');
    await system.control('PATCH', `/objects/${cleo}`, { [badge]: 'B-2', [cost]: 'oops' });
    const { job, report } = await system.restore({ users: [cleo] });
    expect(job.status).toBe('incomplete');
    expect(report.objects[0].attributes).toEqual([
      { name: cost, result: 'done' },
      { name: badge, result: 'skipped', reason: 'user-on-premises-attribute' },
    ]);
  });

  it('R30 without a definition by now are named and left out, and the rest is restored', async () => {
    const { id, name: gone } = await define('locker');
    const dan = await directory.user('Dan', { [gone]: 'L-4', [cost]: 'K-4' });
    await system.snapshot('full');
    await system.graph('DELETE', `/applications/${app}/extensionProperties/${id}`);
    await system.graph('PATCH', `/users/${dan}`, { [cost]: 'oops' });
    const { job, report } = await system.restore({ users: [dan] });
    expect(job.status).toBe('completed');
    expect(report.objects[0].attributes).toEqual([
      { name: cost, result: 'done' },
      { name: gone, result: 'skipped', reason: 'attribute-unsupported' },
    ]);
    const next = await system.snapshot('incremental');
    expect((await system.api('GET', `/connectors/default/snapshots/${next.id}`)).body.missing).toEqual([]);
  });
});
