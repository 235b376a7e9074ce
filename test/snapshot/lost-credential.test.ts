/** A connector whose certificate is gone: said in clear words, nothing touched, and other connectors go on. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { probeBoth } from '../../src/api/starting.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import type { Services } from '../../src/services.ts';
import { user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { aJob } from '../support/jobs.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

const folder = mkdtempSync(join(tmpdir(), 'entra-restore-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gatewayBy = (certificatePath: string) =>
  createGraphGateway({
    cloud: 'global',
    credential: {
      kind: 'certificate',
      tenantId: '11111111-2222-4333-8444-555555555555',
      clientId: '7d3f1f0e-6b1c-4f0e-9a53-0c0de0000001',
      certificatePath,
    },
  });

describe('a connector whose certificate is gone', () => {
  const path = join(folder, 'gone.pem');
  const unauthorized = {
    code: 'unauthorized',
    message: `no token for Microsoft Graph: its certificatePath (of the deployment's own: CERTIFICATE_PATH), ${path}, cannot be read. Put the file back, or name another.`,
  };

  it('fails on every source by that reason, with the setting named, and writes nothing that is a snapshot', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('anna')]] };
    const sound = await lab.take('full');
    const before = (await collect(lab.bucket.list(''))).map(({ name }) => name);
    const lost = snapshotLab(lab.bucket, false, gatewayBy(path));
    const missing = await lost.begin('2026-0100', 'full');
    expect(missing.map(({ kind }) => kind)).toContain('users');
    expect(missing).toEqual(missing.map(({ kind }) => ({ kind, ...unauthorized })));
    await lost.services.jobs.create(aJob({ id: '2026-0100', connectorId, status: 'running', requestedBy: 'schedule' }));
    await lost.activities.failSnapshot(
      { connectorId, jobId: '2026-0100', ...unauthorized },
      { error: () => undefined },
    );
    expect(await lost.services.jobs.get('2026-0100')).toMatchObject({ status: 'failed', error: unauthorized });
    expect((await collect(lab.bucket.list(''))).map(({ name }) => name)).toEqual(before);
    // The same storage by a credential that is there.
    lab.directory.changed = { users: [[user('bob')]] };
    expect((await lab.take()).manifest).toMatchObject({ status: 'complete', parent: { id: sound.manifest.id } });
  });

  it('is told to whoever starts a job for it, by its name; another connector is not touched by that', async () => {
    const lab = snapshotLab();
    const [gone, there] = [gatewayBy(path), lab.directory];
    const services: Services = { ...lab.services, gatewayOf: async (id) => (id === 'fabrikam' ? gone : there) };
    await expect(probeBoth(services, 'fabrikam')).rejects.toMatchObject({
      code: 'graph-unreachable',
      message: expect.stringMatching(/connector fabrikam: .*certificatePath.*cannot be read/),
    });
    await expect(probeBoth(services, connectorId)).resolves.toBeUndefined();
  });
});

it('says so of a file that holds no certificate, too, and nothing of what it holds', async () => {
  const path = join(folder, 'wrong.pem');
  writeFileSync(path, 'hush, a secret');
  const refused = gatewayBy(path).probe();
  await expect(refused).rejects.toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining('is no PEM file of a certificate'),
  });
  await expect(refused).rejects.toMatchObject({ message: expect.not.stringContaining('hush') });
});
