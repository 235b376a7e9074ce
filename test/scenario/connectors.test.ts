/** Several tenants in one deployment: each has its connector, its snapshots, and nothing of another's. */
import { beforeAll, describe, expect, it } from 'vitest';
import { foundCompany } from '../support/company.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const tenantId = '11111111-2222-4333-8444-555555555555';
let company: Awaited<ReturnType<typeof foundCompany>>;
let own: Json;
beforeAll(async () => {
  company = await foundCompany(system);
  own = await system.snapshot('full');
}, 90_000);

const snapshotOf = async (connector: string): Promise<Json> => {
  const { status, body } = await system.api('POST', `/connectors/${connector}/snapshots`, {});
  expect(status, JSON.stringify(body)).toBe(202);
  return system.waitForJob(body.jobId);
};
const put = (id: string, body: object) => system.api('PUT', `/connectors/${id}`, body);

describe('a connector', () => {
  it('is made, listed, shown, changed and removed, and never shows a secret', async () => {
    const made = await put('fabrikam', { tenantId, displayName: 'Fabrikam', schedule: '0 30 1 * * *' });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toMatch(/\/connectors\/fabrikam$/);
    expect(made.body).toMatchObject({ id: 'fabrikam', tenantId, cloud: 'global', credential: { kind: 'deployment' } });
    const { body } = await system.api('GET', '/connectors');
    expect(body.value.map(({ id }: Json) => id)).toEqual(['default', 'fabrikam']);
    const retention = { keepLast: 7, daily: 0, weekly: 4, monthly: 12, yearly: 0, minimumAgeDays: 2 };
    const changed = await put('fabrikam', {
      tenantId,
      retention: { keepLast: 7, weekly: 4, monthly: 12, minimumAgeDays: 2 },
    });
    expect(changed).toMatchObject({ status: 200, body: { displayName: 'Fabrikam', retention, schedule: null } });
    expect((await system.api('GET', '/connectors/fabrikam')).body).toEqual(changed.body);
    // What a GET answered may be put again as it is, to its own address.
    expect(await put('fabrikam', changed.body)).toMatchObject({ status: 200, body: changed.body });
    // Whose tenant it is it knows by now.
    expect(await put('fabrikam', { retention })).toMatchObject({ status: 200, body: changed.body });
    expect(await put('contoso', changed.body)).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    expect((await system.api('DELETE', '/connectors/fabrikam')).status).toBe(204);
    expect((await system.api('GET', '/connectors/fabrikam')).status).toBe(404);
    expect((await system.api('DELETE', '/connectors/fabrikam')).status).toBe(404);
  });

  it('is refused where it is not usable, and nothing changes', async () => {
    const before = (await system.api('GET', '/connectors')).body;
    for (const [id, body, status] of [
      ['Upper', { tenantId }, 400],
      ['c', {}, 400],
      ['c', { tenantId, schedule: 'daily' }, 400],
      ['c', { tenantId, retention: { keepLast: 0 } }, 400],
      ['c', { tenantId, credential: { kind: 'secret', value: 'hush' } }, 400],
      ['c', { tenantId, colour: 'red' }, 400],
      ['default', { tenantId }, 409],
    ] as const) {
      expect((await put(id, body)).status, JSON.stringify(body)).toBe(status);
    }
    expect((await system.api('DELETE', '/connectors/default')).status).toBe(409);
    expect((await system.api('GET', '/connectors')).body).toEqual(before);
  });
});

it('the deployment’s own connector takes what is not among its settings, without saying its tenant again', async () => {
  const before = (await system.api('GET', '/connectors/default')).body;
  const alerts = { shrinkShare: 0.2, shrinkAtLeast: 5 };
  expect(await put('default', { alerts })).toMatchObject({ status: 200, body: { ...before, alerts } });
  expect(await put('default', {})).toMatchObject({ status: 200, body: before });
});

describe('two tenants', () => {
  it('have each their own snapshots and jobs, and neither reads the other’s by any route', async () => {
    expect((await put('woodgrove', { tenantId })).status).toBe(201);
    const theirs = await snapshotOf('woodgrove');
    expect(theirs).toMatchObject({ status: 'completed', connectorId: 'woodgrove' });
    const listed = (await system.api('GET', '/connectors/woodgrove/snapshots')).body.value;
    expect(listed.map(({ id }: Json) => id)).toEqual([theirs.id]);
    const blobs = await storedBlobs(system).names('woodgrove/');
    expect(blobs).toContain(`woodgrove/snapshots/${theirs.id}.json`);
    for (const [connector, foreign] of [
      ['woodgrove', own.id],
      ['default', theirs.id],
    ]) {
      const path = `/connectors/${connector}/snapshots/${foreign}`;
      for (const route of [path, `${path}/users`, `${path}/users/${company.anna}`, `${path}/compare?with=live`])
        expect((await system.api('GET', route)).status, route).toBe(404);
      expect(
        (await system.api('GET', `/connectors/${connector}/snapshots/latest/compare?with=${foreign}`)).status,
      ).toBe(404);
      const restore = { snapshotId: foreign, users: [company.anna] };
      expect((await system.api('POST', `/connectors/${connector}/restores`, restore)).status).toBe(404);
      expect((await system.api('POST', `${path}/verify`, {})).status).toBe(404);
    }
    const jobs = (await system.api('GET', '/connectors/woodgrove/jobs')).body.value;
    expect(jobs.map(({ id }: Json) => id)).toEqual([theirs.id]);
    expect((await system.api('GET', '/connectors/nobody/snapshots')).status).toBe(404);
    expect((await system.api('POST', '/connectors/nobody/restores', { users: 'all' })).status).toBe(404);
  });

  it('keep their ids to themselves: a removed connector’s snapshots come back to the same tenant only', async () => {
    expect((await system.api('DELETE', '/connectors/woodgrove')).status).toBe(204);
    expect((await system.api('GET', '/connectors/woodgrove/snapshots')).status).toBe(404);
    const other = await put('woodgrove', { tenantId: tenantId.replace('1', '9') });
    expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await put('woodgrove', { tenantId })).status).toBe(201);
    expect((await system.api('GET', '/connectors/woodgrove/snapshots')).body.value).toHaveLength(1);
  });
});

describe('what a connector keeps', () => {
  it('is what its kinds and exclusions say; the rest is unknown, which is not empty', async () => {
    expect(
      (await put('narrow', { tenantId, kinds: ['users', 'groups'], exclusions: ['photos', 'sponsors'] })).status,
    ).toBe(201);
    const job = await snapshotOf('narrow');
    expect(job.status).toBe('completed');
    const base = '/connectors/narrow/snapshots/latest';
    const { body } = await system.api('GET', base);
    expect(body).toMatchObject({ status: 'complete', missing: [] });
    expect(Object.keys(body.kinds).sort()).toEqual(['groups', 'users']);
    expect((await system.api('GET', `${base}/administrativeUnits`)).body).toMatchObject({ code: 'not-captured' });
    const carla = (await system.api('GET', `${base}/users/${company.carla}`)).body;
    expect(carla.notCaptured).toEqual(
      expect.arrayContaining(['photo', 'sponsors', 'administrativeUnits', 'roleAssignments']),
    );
    expect(carla.relationships.memberOf).toHaveLength(3);
    expect(carla).not.toHaveProperty('photo');

    // R48: what the snapshot does not know is never taken away, in any mode.
    const sent = await system.api('POST', '/connectors/narrow/restores', { users: [company.carla], links: 'rollback' });
    const restored = await system.waitForJob(sent.body.jobId);
    expect(restored).toMatchObject({ status: 'completed', counts: { unchanged: 1 } });

    expect((await put('narrow', { tenantId })).status).toBe(200);
    const wide = await snapshotOf('narrow');
    expect(wide.counts).toEqual(own.counts);
  });
});
