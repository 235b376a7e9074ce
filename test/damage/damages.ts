/** What befalls a tenant between its snapshot and its restore: mistakes, attacks, synchronization and time. */
import fc from 'fast-check';
import { skuSettings } from '../support/company.ts';
import { at, givings, nothing, type Operation, said, unlinking } from './operations.ts';
import { restructurings } from './restructurings.ts';
import { dice } from './tenant.ts';
import { type Dumped, type Kind, nameOf, pick, type World } from './world.ts';

const kinds: readonly Kind[] = ['user', 'user', 'user', 'group', 'group', 'administrativeUnit'];

const bin: Operation = async (world, { one, three }) => {
  const kind = pick(kinds, three) ?? 'user';
  const object = await world.live(kind, one);
  if (object === undefined) return nothing;
  return said(`${nameOf(object)} is deleted`, await world.send('DELETE', at(kind, object)));
};

const purge: Operation = async (world, { one, three }) => {
  const kind = pick(kinds, three) ?? 'user';
  const object = await world.live(kind, one);
  if (object === undefined) return nothing;
  await world.send('DELETE', at(kind, object));
  const answer = await world.send('DELETE', `/directory/deletedItems/${object.id}`);
  return said(`${nameOf(object)} is deleted for good`, answer);
};

const purgeBinned: Operation = async (world, { one }) => {
  const object = await world.binned(one);
  if (object === undefined) return nothing;
  return said(`${nameOf(object)} is purged`, await world.send('DELETE', `/directory/deletedItems/${object.id}`));
};

const undelete: Operation = async (world, { one }) => {
  const object = await world.binned(one);
  if (object === undefined) return nothing;
  return said(
    `${nameOf(object)} is undeleted`,
    await world.send('POST', `/directory/deletedItems/${object.id}/restore`, {}),
  );
};

const edits: Readonly<Record<Kind, readonly Readonly<Record<string, unknown>>[]>> = {
  user: [
    { department: 'Sales' },
    { department: 'Research', jobTitle: null, city: 'Oslo' },
    { displayName: 'Somebody', givenName: 'Some', surname: null },
    { businessPhones: [], otherMails: [], mobilePhone: null },
    { usageLocation: 'NO' },
    { accountEnabled: false },
    { employeeOrgData: { costCenter: '7', division: null } },
    { onPremisesExtensionAttributes: { extensionAttribute3: null, extensionAttribute4: 'four' } },
    { mail: 'other@contoso.com' },
    { mailNickname: 'nick' },
    { passwordPolicies: 'None' },
    { userType: 'Guest' },
  ],
  group: [
    { displayName: 'Renamed', description: null },
    { description: 'Something else' },
    { visibility: 'Public' },
    { mailNickname: 'renamed' },
    { membershipRule: 'user.department -eq "Research"' },
    { membershipRuleProcessingState: 'Paused' },
  ],
  administrativeUnit: [
    { displayName: 'Renamed unit' },
    { description: 'Something else' },
    { membershipRule: 'user.department -eq "Board"' },
    { membershipType: 'Assigned', membershipRule: null, membershipRuleProcessingState: null },
  ],
};

const edit: Operation = async (world, { one, two, three }) => {
  const kind = pick(kinds, three) ?? 'user';
  const object = await world.live(kind, one);
  const change = pick(edits[kind], two);
  if (object === undefined) return nothing;
  return said(
    `${nameOf(object)} becomes ${JSON.stringify(change)}`,
    await world.send('PATCH', at(kind, object), change),
  );
};

const strip: Operation = async (world, { one, three }) => {
  const kind = three % 3 === 0 ? 'group' : 'user';
  const states = ({ properties }: Dumped) =>
    [properties.licenseAssignmentStates, properties.assignedLicenses]
      .flat()
      .filter((state) => state?.assignedByGroup == null && state);
  const holder = await world.live(kind, one, (object) => states(object).length > 0);
  if (holder === undefined) return nothing;
  const removeLicenses = [...new Set(states(holder).map(({ skuId }) => skuId))];
  const answer = await world.send('POST', `${at(kind, holder)}/assignLicense`, { addLicenses: [], removeLicenses });
  return said(`${nameOf(holder)} is stripped of licences`, answer);
};

const removeRow =
  (table: string, path: (row: Dumped & { readonly key: string; readonly principalId: string }) => string): Operation =>
  async (world, { one }) => {
    const row = pick((await world.dump())[table] ?? [], one);
    if (row === undefined) return nothing;
    return said(`one of ${table} is removed`, await world.send('DELETE', path(row)));
  };

const removePhoto: Operation = async (world, { one }) => {
  const row = pick((await world.dump()).photo ?? [], one);
  if (row === undefined) return nothing;
  return said('a photo is removed', await world.send('DELETE', `/users/${row.key}/photo/$value`));
};

const time: Operation = async ({ system }, { one }) => {
  const advance = one % 2 === 0 ? 'P31D' : 'P3D';
  await system.control('POST', '/clock', { advance });
  return `${advance} pass`;
};

const seats: Operation = async ({ system }, { one }) => {
  await system.control('POST', '/settings', skuSettings(one % 3));
  return `${one % 3} seats are left`;
};

const roleEdit: Operation = async (world, { one }) => {
  const role = pick((await world.dump()).roleDefinition ?? [], one);
  if (role === undefined) return nothing;
  const change = { displayName: 'Reads less', description: null, isEnabled: false };
  return said(
    'the custom role changes',
    await world.send('PATCH', `/roleManagement/directory/roleDefinitions/${role.key}`, change),
  );
};

const own = { bin, purge, purgeBinned, undelete, edit, strip, removePhoto, time, seats, roleEdit } as const;
const rows = {
  removeRole: removeRow('roleAssignment', ({ key }) => `/roleManagement/directory/roleAssignments/${key}`),
  removeAppRole: removeRow(
    'appRoleAssignment',
    ({ key, principalId }) => `/users/${principalId}/appRoleAssignments/${key}`,
  ),
} as const;

const operations: Readonly<Record<string, Operation>> = {
  ...givings,
  ...unlinking,
  ...own,
  ...rows,
  ...restructurings,
};
const common = ['bin', 'purge', 'edit', 'unlink', 'link', 'strip', 'removeRole'];

export const damages = fc.array(
  fc.record(
    {
      what: fc.oneof(
        { arbitrary: fc.constantFrom(...common), weight: 3 },
        { arbitrary: fc.constantFrom(...Object.keys(operations)), weight: 2 },
      ),
      ...dice,
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 25, size: 'max' },
);
export type Damages = typeof damages extends fc.Arbitrary<infer T> ? T : never;

/** Does it. @returns what was done, a sentence each. */
export async function damage(world: World, some: Damages): Promise<string[]> {
  const did: string[] = [];
  for (const { what, ...how } of some) did.push(await (operations[what] ?? (async () => nothing))(world, how));
  return did;
}
