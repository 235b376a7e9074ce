/** Microsoft's text on groups/delta says that it overlooks members who went by being deleted (L:delta-query-groups). */
import { expect, it } from 'vitest';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem({ seed: 'demo' });

it('an incremental snapshot has no purged member left in a group, though delta never told that it went', async () => {
  await system.snapshot('full');
  const dump: Json = await system.control('GET', '/dump');
  const lives = (id: string): boolean =>
    dump.user.some((user: Json) => user.id === id && user.deletedDateTime === undefined);
  const group: Json = dump.group.find(
    (one: Json) => one.deletedDateTime === undefined && one.links?.members?.some(lives),
  );
  const gone: string = group.links.members.find(lives);
  const members = async (): Promise<string[]> =>
    (await system.api('GET', `/connectors/default/snapshots/latest/groups/${group.id}`)).body.relationships.members.map(
      ({ id }: Json) => id,
    );
  const before = await members();
  expect(before).toContain(gone);
  await system.control('POST', '/settings', { deltaOverlooksPurgedMembers: true });
  await system.control('DELETE', `/objects/${gone}`);
  await system.snapshot('incremental');
  expect(await members()).toEqual(before.filter((id) => id !== gone));
});
