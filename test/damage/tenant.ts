/** A small tenant with every kind of object a restore knows; how they hang together is drawn at random. */
import fc from 'fast-check';
import { skuSettings } from '../support/company.ts';
import { givings, type Operation } from './operations.ts';
import type { World } from './world.ts';

export const dice = { one: fc.nat(10_000), two: fc.nat(10_000), three: fc.nat(10_000) };
const namesOf = <T extends object>(table: T) => Object.keys(table) as (keyof T)[];

/** What is not known for certain of Graph (graph-facts), either way of which a restore must live with. */
const uncertain = [
  'deltaRepeatsObjects',
  'deltaEmptyPages',
  'deltaStartsWithBinned',
  'deltaOverlooksPurgedMembers',
  'deltaExpiryGone',
  'linkChangeTouchesMember',
  'dynamicGroupMembersBadRequest',
  'mailGroupMembersForbidden',
];

export const tenant = fc.record({
  switches: fc.subarray(uncertain),
  pageSize: fc.constantFrom({}, { delta: 3, list: 4, links: 2 }),
  cloud: fc.integer({ min: 3, max: 14 }),
  synced: fc.integer({ min: 0, max: 4 }),
  wiring: fc.array(
    fc.record(
      {
        what: fc.oneof(
          { arbitrary: fc.constant('link' as const), weight: 5 },
          { arbitrary: fc.constantFrom(...namesOf(givings)), weight: 4 },
        ),
        ...dice,
      },
      { noNullPrototype: true },
    ),
    { minLength: 15, maxLength: 70, size: 'max' },
  ),
});
export type Tenant = typeof tenant extends fc.Arbitrary<infer T> ? T : never;

const departments = ['Sales', 'Research', 'Board'];

/** Makes it in place of whatever was there. @returns what was done, a sentence each. */
export async function found(world: World, { cloud, synced, wiring, switches, pageSize }: Tenant): Promise<string[]> {
  const { system } = world;
  await system.control('POST', '/reset');
  const turnedOn = Object.fromEntries(switches.map((name) => [name, true]));
  await system.control('POST', '/settings', { ...skuSettings(6), pageSize, ...turnedOn });
  for (let at = 0; at < cloud; at += 1) await makeUser(world, at);
  if (cloud % 2 === 0) await inviteGuest(world);
  await makeSynced(world, synced);
  await makeGroups(world);
  await makeUnits(world);
  await makeRoleAndApp(world);
  const did: string[] = [];
  for (const { what, ...how } of wiring) did.push(await (givings[what] as Operation)(world, how));
  return did;
}

/** Some have everything that can be said of a user, others next to nothing. */
async function makeUser({ system }: World, at: number): Promise<void> {
  const name = `Person ${at}`;
  const detailed = {
    givenName: 'Person',
    surname: String(at),
    jobTitle: 'Clerk',
    city: 'Berlin',
    mobilePhone: `+49 170${1_000_000 + at}`,
    businessPhones: ['+49 30 7654321'],
    otherMails: [`person${at}@example.com`],
    employeeId: `E${at}`,
    employeeOrgData: { division: 'West', costCenter: null },
    onPremisesExtensionAttributes: { extensionAttribute3: 'three' },
    mail: `person.${at}@contoso.com`,
    preferredLanguage: 'de-DE',
    passwordPolicies: 'DisablePasswordExpiration',
  };
  await system.directory.user(name, {
    department: departments[at % departments.length],
    ...(at % 4 === 3 ? {} : { usageLocation: 'DE' }),
    ...(at % 3 === 0 ? detailed : {}),
    ...(at % 5 === 4 ? { accountEnabled: false } : {}),
  });
}

async function inviteGuest({ system }: World): Promise<void> {
  await system.graph('POST', '/invitations', {
    invitedUserEmailAddress: 'guest@fabrikam.com',
    inviteRedirectUrl: 'https://example.com',
    invitedUserDisplayName: 'Guest of Fabrikam',
  });
}

async function makeSynced({ system }: World, count: number): Promise<void> {
  const anchors: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const { anchor } = await system.control('POST', '/on-premises/users', {
      userPrincipalName: `synced.${at}@contoso.com`,
      displayName: `Synced ${at}`,
      department: 'Sales',
      ...(at % 2 === 0 ? {} : { mail: `synced.${at}@contoso.com` }),
      ...(anchors[0] === undefined ? {} : { managerAnchor: anchors[0] }),
    });
    anchors.push(anchor);
  }
  if (count === 0) return;
  if (count > 1) await system.control('POST', '/on-premises/groups', { displayName: 'Synced group', members: anchors });
  await system.control('POST', '/on-premises/sync');
}

async function makeGroups({ system }: World): Promise<void> {
  const { directory } = system;
  await directory.securityGroup('Access', { description: 'Doors' });
  await directory.securityGroup('Archive');
  const [owner = ''] = await directory.ids('/users?$select=id');
  // A Microsoft 365 group that has an owner keeps one.
  const owned = { 'owners@odata.bind': [`https://graph.microsoft.com/v1.0/users/${owner}`] };
  await directory.microsoft365Group('Team', { visibility: 'Private', description: 'A team', ...owned });
  await directory.microsoft365Group('Choir', owned);
  await directory.securityGroup('Admins', { isAssignableToRole: true, visibility: 'Private' });
  await directory.securityGroup('Everybody in Sales', {
    mailNickname: 'sales',
    groupTypes: ['DynamicMembership'],
    membershipRule: 'user.department -eq "Sales"',
    membershipRuleProcessingState: 'On',
  });
  for (const [displayName, securityEnabled] of [
    ['List', false],
    ['Mailed access', true],
  ] as const) {
    await system.control('POST', '/objects', {
      '@odata.type': '#microsoft.graph.group',
      displayName,
      mailNickname: displayName.replace(' ', ''),
      mail: `${displayName.replace(' ', '')}@contoso.com`,
      mailEnabled: true,
      securityEnabled,
      groupTypes: [],
      members: (await directory.ids('/users?$select=id')).slice(0, 2),
    });
  }
}

async function makeUnits({ system }: World): Promise<void> {
  const units: readonly Readonly<Record<string, unknown>>[] = [
    { displayName: 'Berlin', description: 'The city' },
    { displayName: 'Hidden', visibility: 'HiddenMembership' },
    { displayName: 'Vault', isMemberManagementRestricted: true },
    {
      displayName: 'Research unit',
      membershipType: 'Dynamic',
      membershipRule: 'user.department -eq "Research"',
      membershipRuleProcessingState: 'On',
    },
  ];
  for (const unit of units) await system.graph('POST', '/directory/administrativeUnits', unit);
}

async function makeRoleAndApp({ system }: World): Promise<void> {
  await system.graph('POST', '/roleManagement/directory/roleDefinitions', {
    displayName: 'Group reader',
    description: 'Reads groups',
    isEnabled: true,
    rolePermissions: [{ allowedResourceActions: ['microsoft.directory/groups/standard/read'] }],
  });
  const role = (id: string, displayName: string) => ({
    id,
    allowedMemberTypes: ['User'],
    displayName,
    description: displayName,
    isEnabled: true,
    value: displayName,
  });
  await system.control('POST', '/objects', {
    '@odata.type': '#microsoft.graph.servicePrincipal',
    displayName: 'Payroll',
    appId: '22222222-0000-4000-8000-000000000001',
    appRoles: [
      role('11111111-0000-4000-8000-000000000001', 'Clerk'),
      role('11111111-0000-4000-8000-000000000002', 'Head'),
    ],
  });
}
