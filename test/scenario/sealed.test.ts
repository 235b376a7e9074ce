/** Sealed storage: everything works as ever, whoever reads storage alone learns nothing about people, and a lost key is named. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { foundCompany } from '../support/company.ts';
import { keyFile } from '../support/key-file.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { storedRows } from '../support/stored-rows.ts';
import { type Json, useSystem } from '../support/system.ts';

const key = keyFile();
const system = useSystem({ env: { ENCRYPTION_KEY_FILE: key } });
const { directory } = system;
const snapshots = '/connectors/default/snapshots';

it('snapshots, compares, restores and verifies with every blob sealed', async () => {
  const { bob, carla } = await foundCompany(system);
  const before = await directory.portrait(carla);
  const first = await system.snapshot('full');
  await system.graph('PATCH', `/users/${bob}`, { city: 'Longyearbyen' });
  const second = await system.snapshot('incremental');
  await directory.purge(`/users/${carla}`);

  const found = (await system.api('GET', `${snapshots}/${second.id}/users?search=carla`)).body.value;
  expect(found).toMatchObject([{ id: carla }]);
  const compared = (await system.api('GET', `${snapshots}/${first.id}/compare?with=${second.id}`)).body.value;
  expect(compared).toMatchObject([{ kind: 'users', id: bob, change: 'modified' }]);
  expect((await system.api('GET', `${snapshots}/latest/users/${carla}/photo`)).status).toBe(200);

  const request = { users: ['carla@contoso.com'], snapshotId: second.id };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('completed');
  expect(await directory.portrait(report.objects[0].newId)).toEqual(before);
  await expectUnchangedAgain(system, request);
  for (const { id } of [first, second]) {
    const proof = (await system.api('POST', `${snapshots}/${id}/verify`)).body.jobId;
    expect((await system.waitForJob(proof)).status).toBe('completed');
  }

  const blobs = storedBlobs(system);
  const names = await blobs.names('default/');
  const open: string[] = [];
  for (const name of names) {
    const bytes = await blobs.get(name);
    expect([name, /Carla|carla@|contoso/.test(bytes.toString('latin1'))]).toEqual([name, false]);
    if (bytes.toString('latin1', 0, 4) !== 'ERS1') open.push(name.split('/')[1] ?? '');
  }
  // Tables, too: the outcomes of a restore name people.
  const rows = await storedRows(system);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter((row) => /Carla|carla@/.test(row))).toEqual([]);
  expect(names.length).toBeGreaterThan(open.length);
  expect([...new Set(open)].sort()).toEqual(['audit', 'keys']);
  expect(names).toContain(`default/keys/${second.id}.json`);
});

it('a copy of the container opens with the key by one command, for common tools to read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'entra-restore-sealed-'));
  const out = join(folder, 'open');
  const blobs = storedBlobs(system);
  for (const name of await blobs.names('default/')) {
    mkdirSync(dirname(join(folder, 'copy', name)), { recursive: true });
    writeFileSync(join(folder, 'copy', name), await blobs.get(name));
  }
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['src/dev/decrypt.ts', join(folder, 'copy'), out, ...args], { encoding: 'utf8' });
  expect(run('--key-file', keyFile())).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Bring the other key'),
  });
  expect(run('--key-file', key)).toMatchObject({ status: 0, stderr: '' });
  const { id } = (await system.api('GET', `${snapshots}/latest`)).body;
  const { streams } = JSON.parse(readFileSync(join(out, 'default', 'snapshots', `${id}.json`), 'utf8'));
  const lines = streams.users.shards.map(({ name }: Json) => {
    const plain = zstdDecompressSync(readFileSync(join(out, 'default', 'shards', `${name}.ndjson.zst`)));
    expect(createHash('sha256').update(plain).digest('hex')).toBe(name);
    return plain.toString('utf8');
  });
  expect(lines.join('')).toContain('"displayName":"Bob"');
}, 60_000);

it('says which key is lacking when it is lost, and goes on when it is back', async () => {
  const mine = readFileSync(key, 'utf8');
  const restarted = async (content: string) => {
    writeFileSync(key, content);
    process.kill(system.system.pids.host, 'SIGKILL');
    await system.system.restartHost();
  };
  const count = async () => (await system.api('GET', snapshots)).body.value.length;
  const known = await count();
  await restarted(Buffer.alloc(32, 7).toString('base64'));
  const refusal: Json = (await system.api('GET', `${snapshots}/latest`)).body;
  expect(refusal).toMatchObject({ status: 503, code: 'key-unavailable', detail: expect.stringContaining('file:') });
  // Not even a job is begun that could not be told of.
  const begun = await system.api('POST', snapshots, { mode: 'incremental' });
  expect(begun.body).toMatchObject({ status: 503, code: 'key-unavailable' });
  await restarted(mine);
  expect(await count()).toBe(known);
  expect((await system.snapshot('incremental')).status).toBe('completed');
});
