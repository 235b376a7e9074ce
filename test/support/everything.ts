/** All of a snapshot, as the catalogue shows it. */
import type { Json, TestSystem } from './system.ts';

const kinds = ['users', 'groups', 'administrativeUnits', 'roleDefinitions', 'roleAssignments', 'subscribedSkus'];

/** Every object of a snapshot with its attributes, relationships and photo, by kind and id. */
export async function everything(system: TestSystem, snapshotId: string): Promise<Record<string, Json>> {
  const found: Record<string, Json> = {};
  for (const kind of kinds) {
    const base = `/connectors/default/snapshots/${snapshotId}/${kind}`;
    for (let path = `${base}?top=100`; path !== ''; ) {
      const page: Json = (await system.api('GET', path)).body;
      const ids: string[] = page.value.map((row: Json) => row.id);
      const described = await Promise.all(ids.map((id) => system.api('GET', `${base}/${encodeURIComponent(id)}`)));
      for (const { body } of described) found[`${kind}/${body.id}`] = body;
      path = page.nextLink === undefined ? '' : String(page.nextLink).replace(/^.*\/api/, '');
    }
  }
  return found;
}
