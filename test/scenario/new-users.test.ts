/** How recreated users begin where the request decides it, and that this is no mismatch then or later. */
import { expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

const enabled = async (id: string): Promise<boolean> =>
  (await directory.get(`/users/${id}?$select=accountEnabled`)).accountEnabled;

it.each([false, true])(
  'R24 makes new users with accountEnabled %s as the request says, leaves others as the snapshot has them, and stays so',
  async (accountEnabled) => {
    await system.control('POST', '/reset');
    const on = await directory.user('On');
    const off = await directory.user('Off', { accountEnabled: false });
    const binned = await directory.user('Binned', { accountEnabled: !accountEnabled });
    await system.snapshot('full');
    await directory.purge(`/users/${on}`);
    await directory.purge(`/users/${off}`);
    await directory.bin(`/users/${binned}`);

    const request = { users: [on, off, binned], newUsers: { accountEnabled } };
    const { job, report } = await system.restore(request);
    expect(job).toMatchObject({ status: 'completed', counts: { created: 2, undeleted: 1 } });
    const ids = report.objects.map(({ newId, id }: Json) => newId ?? id);
    expect(await Promise.all(ids.map(enabled))).toEqual([accountEnabled, accountEnabled, !accountEnabled]);
    await expectUnchangedAgain(system, request);

    // What somebody decides later stays, too.
    await system.graph('PATCH', `/users/${ids[0]}`, { accountEnabled: !accountEnabled });
    await expectUnchangedAgain(system, request);

    // Without a word of it the snapshot decides.
    await system.restore({ users: [on, off] });
    expect(await Promise.all(ids.slice(0, 2).map(enabled))).toEqual([true, false]);
  },
);
