/** Against the whole system: a snapshot of the demo company holds, record by record, what the simulated tenant says of itself. */
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../src/directory/kinds.ts';
import { sameValue } from '../../src/directory/record.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem({ seed: 'demo' });

const kinds = [
  { kind: 'users', dumped: 'user', links: ['manager', 'sponsors'] },
  { kind: 'groups', dumped: 'group', links: ['members', 'owners'] },
  { kind: 'administrativeUnits', dumped: 'administrativeUnit', links: ['members'] },
] as const;

/** Kept apart from the properties of an object, or derived when asked for. */
const elsewhere = ['assignedLicenses', 'identities', 'employeeOrgData'];

describe('a snapshot', () => {
  it('equals the dump of the tenant: objects, properties, links, roles, photos', async () => {
    const appId = '4d405aa8-baa0-4fb4-94d3-e0571fd9fd71';
    const { id: app } = await system.control('POST', '/objects', {
      '@odata.type': '#microsoft.graph.application',
      appId,
    });
    const definition = { name: 'badge', dataType: 'String', targetObjects: ['User', 'Group', 'AdministrativeUnit'] };
    const { name: badge } = await system.graph('POST', `/applications/${app}/extensionProperties`, definition);
    for (const path of ['users', 'groups', 'directory/administrativeUnits'] as const) {
      const [one] = await system.directory.ids(`/${path}?$select=id`);
      if (path !== 'groups') await system.graph('PATCH', `/${path}/${one}`, { [badge]: 'B-1' });
    }
    await system.snapshot('full');
    const dump: Json = await system.control('GET', '/dump');
    const base = '/connectors/default/snapshots/latest';
    const photos: Record<string, string> = {};
    let differences: string[] = [];
    for (const { kind, dumped, links } of kinds) {
      const live = dump[dumped].filter((one: Json) => one.deletedDateTime === undefined);
      const listed: Json[] = (await system.api('GET', `${base}/${kind}?top=200`)).body.value;
      expect(listed.map(({ id }) => id).sort()).toEqual(live.map(({ id }: Json) => id).sort());
      const captured = [...kindOf(kind).captured, badge].filter((name) => !elsewhere.includes(name));
      for (const one of live) {
        const { body } = await system.api('GET', `${base}/${kind}/${one.id}`);
        const unlike = captured.filter((name) => !sameValue(body.attributes[name], one.properties[name]));
        const ends = (name: string): string[] => [body.relationships[name] ?? []].flat().map(({ id }: Json) => id);
        const unlinked = links.filter((name) => ends(name).sort().join() !== (one.links?.[name] ?? []).sort().join());
        differences = [...differences, ...[...unlike, ...unlinked].map((name) => `${kind} ${one.id} ${name}`)];
        if (body.photo) photos[one.id] = body.photo.sha256;
      }
    }
    expect(differences).toEqual([]);
    expect(Object.keys(photos).sort()).toEqual(dump.photo.map(({ key }: Json) => key).sort());
    const roles: Json[] = (await system.api('GET', `${base}/roleAssignments?top=200`)).body.value;
    expect(roles.map(({ id }) => id).sort()).toEqual(dump.roleAssignment.map(({ id }: Json) => id).sort());
  });
});
