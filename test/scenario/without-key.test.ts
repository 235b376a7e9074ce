/** A deployment that keeps no passwords: said before the first write, and nobody is kept from coming back. */
import { expect, it } from 'vitest';
import { useSystem } from '../support/system.ts';

const system = useSystem({ env: { CREDENTIAL_KEY: '' } });
const { directory } = system;

it('R10 R27 names the setting that is missing where users are made anew, and only there', async () => {
  await system.control('POST', '/reset');
  const ada = await directory.user('Ada');
  const ben = await directory.user('Ben');
  await system.snapshot('full');
  await directory.purge(`/users/${ada}`);
  await directory.bin(`/users/${ben}`);
  const { job, report } = await system.restore({ users: [ada, ben] });
  expect(job.preflight).toEqual([
    { code: 'setting-missing', message: expect.stringContaining('CREDENTIAL_KEY'), objectIds: [ada] },
  ]);
  expect(job.status).toBe('completed');
  const [{ newId }] = report.objects;
  expect((await system.api('POST', `/jobs/${job.id}/credentials/${newId}`)).status).toBe(404);
  await directory.purge(`/users/${newId}`);
  const supplied = await system.api('POST', '/connectors/default/restores', {
    users: [ada],
    newUsers: { password: { supplied: 'Once-and-for-all-17!' } },
  });
  expect(supplied.body).toMatchObject({ detail: expect.stringContaining('CREDENTIAL_KEY') });
});
