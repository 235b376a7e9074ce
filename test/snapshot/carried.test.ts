/** What changes a few times a year is read with all else in full, and taken over in between. */
import { expect, it } from 'vitest';
import { set, user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

it('an incremental snapshot takes domains and organization from its parent, says how old they are, and asks nothing', async () => {
  const lab = snapshotLab();
  lab.directory.full = { users: [[user('anna')]], domains: [[set('domains', 'contoso.com', { isDefault: true })]] };
  const first = await lab.take('full');
  lab.directory.full = { ...lab.directory.full, domains: [[set('domains', 'fabrikam.com', { isDefault: true })]] };
  lab.directory.asked.length = 0;
  lab.wait(1);
  const next = await lab.take();
  expect(lab.directory.asked.filter((place) => /^(domains|organization)/.test(place))).toEqual([]);
  expect((await next.record('domains', 'contoso.com'))?.body).toEqual({ isDefault: true });
  expect(next.manifest.streams.domains).toMatchObject({
    count: 1,
    changed: 0,
    readInFull: false,
    fullDateTime: first.manifest.createdDateTime,
  });
  lab.wait(7);
  const enumerated = await lab.take();
  expect(await enumerated.record('domains', 'contoso.com')).toBeUndefined();
  expect((await enumerated.record('domains', 'fabrikam.com'))?.body).toEqual({ isDefault: true });
});

it('the first incremental snapshot of an app that knows more kinds reads them', async () => {
  const lab = snapshotLab();
  lab.directory.full = { users: [[user('anna')]] };
  lab.directory.failing = { domains: 'refused' };
  await lab.take('full');
  lab.directory.failing = {};
  lab.directory.full = { ...lab.directory.full, domains: [[set('domains', 'contoso.com')]] };
  expect(await (await lab.take()).record('domains', 'contoso.com')).toBeDefined();
});
