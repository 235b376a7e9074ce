/** Custom security attributes: kept where a connector asks for them, listed when users are read in full, asked of changed users otherwise. */
import { expect, it } from 'vitest';
import { createConnectors } from '../../src/connectors/connectors.ts';
import type { Change } from '../../src/directory/gateway.ts';
import { foldObjects } from '../../src/snapshot/fold.ts';
import { user } from '../support/changes.ts';
import { memoryConnectorStore, ownConnector } from '../support/connectors.ts';
import { snapshotLab } from '../support/snapshots.ts';

const many = Array.from({ length: 1_200 }, (_, at) => `user-${at}`);
const harbour = (Lit: boolean) => ({
  Harbour: { '@odata.type': '#microsoft.graph.customSecurityAttributeValue', Lit },
});
const told = (id: string, value: ReturnType<typeof harbour> | null): Change => ({
  change: 'also',
  kind: 'users',
  id,
  body: { customSecurityAttributes: value },
});

function labWith(inclusions: (typeof ownConnector)['inclusions']) {
  const connectors = createConnectors(memoryConnectorStore(), { ...ownConnector, inclusions }, () => new Date(0));
  const lab = snapshotLab(undefined, false, undefined, connectors);
  lab.directory.full = {
    users: [many.map((id) => user(id))],
    customSecurityAttributes: [[told('user-1', harbour(true)), told('user-2', null), told('nobody', harbour(true))]],
  };
  return lab;
}

it('are neither asked for nor known where no connector includes them', async () => {
  const lab = labWith([]);
  const snapshot = await lab.take('full');
  expect(lab.directory.asked.filter((place) => place.startsWith('custom'))).toEqual([]);
  expect([snapshot.manifest.status, snapshot.captured('users').includes('customSecurityAttributes')]).toEqual([
    'complete',
    false,
  ]);
});

it('belong to the users that are there, change with changed users, and go where they were taken away', async () => {
  const lab = labWith(['customSecurityAttributes']);
  const first = await lab.take('full');
  expect(first.captured('users')).toContain('customSecurityAttributes');
  expect((await first.record('users', 'user-1'))?.body).toMatchObject({ customSecurityAttributes: harbour(true) });
  expect(await first.record('users', 'nobody')).toBeUndefined();

  lab.directory.asked.length = 0;
  lab.directory.changed = { users: [[user('user-1', { city: 'Rom' }), user('user-2', { city: 'Rom' })]] };
  lab.directory.readListed = async (source, ids) =>
    new Map(
      source === 'customSecurityAttributes'
        ? ids.map((id) => [id, [told(id, id === 'user-2' ? harbour(false) : null)]])
        : [],
    );
  const next = await lab.take();
  expect(lab.directory.asked.filter((place) => place.startsWith('custom'))).toEqual([]);
  expect((await next.record('users', 'user-1'))?.body).toEqual({ city: 'Rom', displayName: 'user-1' });
  expect((await next.record('users', 'user-2'))?.body).toMatchObject({ customSecurityAttributes: harbour(false) });
});

it('R60 that are included and may not be read make the snapshot partial, and are unknown to it', async () => {
  const lab = labWith(['customSecurityAttributes']);
  lab.directory.failing.customSecurityAttributes = 'forbidden';
  const { manifest, captured } = await lab.take('full');
  expect(manifest).toMatchObject({ status: 'partial', missing: [{ kind: 'customSecurityAttributes' }] });
  expect(captured('users')).not.toContain('customSecurityAttributes');
});

it('of an object that no other change tells of leave nothing behind', () => {
  const line = '?\t{"id":"nobody","body":{"customSecurityAttributes":{}}}';
  expect(foldObjects([], [line])).toEqual([]);
});
