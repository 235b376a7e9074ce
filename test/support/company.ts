/** A small company with one of every relation a user can have, for scenarios that lose people of it. */
import type { TestSystem } from './system.ts';

/** Built-in roles by their public template ids. */
export const roles = {
  reportsReader: '4a5d8f65-41da-4de4-8968-e035b65339cf',
  helpdesk: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
} as const;

export const skus = {
  suite: 'c7df2760-2c81-4ef7-b578-5b5392b571df',
  suitePlan: '9aaf7827-d63c-4b61-89c3-182f06f82e5c',
  team: '18181a46-0d4e-45cd-891e-60aabd171b4e',
} as const;

/** The smallest picture there is; `variant` makes another one of it. */
export const picture = (variant = 0): Uint8Array =>
  new Uint8Array([
    ...Buffer.from(
      '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
      'base64',
    ),
    variant,
  ]);

export interface Company {
  /** Anna leads; Bob and Carla have everything a user can have; Dora reports to Carla, Emil to Bob. */
  readonly anna: string;
  readonly bob: string;
  readonly carla: string;
  readonly dora: string;
  readonly emil: string;
  readonly project: string;
  readonly team: string;
  readonly licensed: string;
  readonly berlin: string;
}

export const skuSettings = (suiteSeats = 10): Readonly<Record<string, unknown>> => ({
  skus: [
    {
      skuId: skus.suite,
      skuPartNumber: 'ENTERPRISEPREMIUM',
      enabled: suiteSeats,
      servicePlans: [{ servicePlanId: skus.suitePlan, servicePlanName: 'EXCHANGE_S_STANDARD' }],
    },
    { skuId: skus.team, skuPartNumber: 'TEAMS_TEAM', enabled: 10 },
  ],
});

/** Empties the tenant and founds the company in it. */
export async function foundCompany({ directory, control }: TestSystem): Promise<Company> {
  await control('POST', '/reset');
  await control('POST', '/settings', skuSettings());
  const person = (name: string, department: string): Promise<string> =>
    directory.user(name, {
      givenName: name,
      surname: 'Example',
      department,
      jobTitle: `${department} lead`,
      usageLocation: 'DE',
      city: 'Berlin',
      mobilePhone: '+49 30 1234567',
      businessPhones: ['+49 30 7654321'],
      employeeId: `E-${name}`,
      otherMails: [`${name.toLowerCase()}@example.com`],
      preferredLanguage: 'de-DE',
    });
  const anna = await person('Anna', 'Board');
  const bob = await person('Bob', 'Research');
  const carla = await person('Carla', 'Sales');
  const dora = await person('Dora', 'Sales');
  const emil = await person('Emil', 'Research');

  const project = await directory.securityGroup('Project Falcon');
  const team = await directory.microsoft365Group('Everyone in Berlin');
  const licensed = await directory.securityGroup('Team licences');
  const berlin = await directory.unit('Berlin');
  // A Microsoft 365 group keeps at least one owner, so Anna stays one of the team.
  await directory.link(`/groups/${team}`, 'owners', anna);
  await directory.assignLicences(`/groups/${licensed}`, [skus.team]);
  for (const person of [bob, carla]) {
    for (const group of [project, team, licensed]) await directory.link(`/groups/${group}`, 'members', person);
    for (const group of [project, team]) await directory.link(`/groups/${group}`, 'owners', person);
    await directory.link(`/directory/administrativeUnits/${berlin}`, 'members', person);
    await directory.assignRole(person, roles.reportsReader);
    await directory.assignRole(person, roles.helpdesk, `/administrativeUnits/${berlin}`);
    await directory.assignLicences(`/users/${person}`, [skus.suite], [skus.suitePlan]);
    await directory.manager(person, anna);
    await directory.link(`/users/${person}`, 'sponsors', anna);
  }
  await directory.photo(bob, picture(1));
  await directory.photo(carla, picture(2));
  await directory.manager(dora, carla);
  await directory.manager(emil, bob);
  return { anna, bob, carla, dora, emil, project, team, licensed, berlin };
}

/** Registers what no app can: a passkey of the user. */
export const givePasskey = (system: Pick<TestSystem, 'control'>, userId: string): Promise<unknown> =>
  system.control('POST', '/objects', {
    '@odata.type': '#microsoft.graph.fido2AuthenticationMethod',
    userId,
    displayName: 'Key',
  });
