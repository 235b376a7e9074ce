/** Graph stops accepting the app in the middle of a job: the job says so by its code, wherever in the flow it happened. */
import { expect, it } from 'vitest';
import { useSystem } from '../support/system.ts';

const system = useSystem();

it('fails with the code unauthorized when the token is refused while planning, and works again afterwards', async () => {
  await system.control('POST', '/reset');
  const user = await system.directory.user('Olga', { usageLocation: 'DE' });
  await system.snapshot('full');
  await system.directory.purge(`/users/${user}`);
  await system.control('POST', '/faults', [
    {
      match: { pathPattern: '^/(users|directoryObjects|directory)/' },
      effect: 'status',
      status: 401,
      code: 'InvalidAuthenticationToken',
      times: 100,
    },
  ]);

  const { job } = await system.restore({ users: [user] });

  expect(job).toMatchObject({ status: 'failed', error: { code: 'unauthorized' } });
  expect(job.error.message).not.toContain('Orchestrator');
  expect(await system.directory.usersNamed('olga@contoso.com')).toEqual([]);

  await system.control('DELETE', '/faults');
  const again = await system.restore({ users: [user] });
  expect(again.job).toMatchObject({ status: 'completed', counts: { created: 1 } });
});
