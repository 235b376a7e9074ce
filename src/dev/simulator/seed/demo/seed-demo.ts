/**
 * Writes the demo company into a tenant: one small place with every case that restore-semantics.md names, under ids and
 * values that never change.
 */
import { createPicture } from '../picture.ts';
import type { SeedSink } from '../sink.ts';
import { planIds, seededSkus, skuIds } from '../skus.ts';
import { stableAnchor, stableId } from '../stable-id.ts';
import {
  assignments,
  customRole,
  type DemoAssignment,
  type DemoGroup,
  eligible,
  groups,
  roles,
  units,
} from './groups.ts';
import { guests, offices, type Person, people } from './people.ts';

const domain = 'contoso.com';
const created = '2025-03-03T08:00:00Z';

/** The object id of a person, guest, group (`group:key`), unit (`unit:key`) or role of the demo. */
export function demoId(key: string): string {
  return stableId(`demo:${key}`);
}

/** Fills an empty tenant with the demo company. */
export function seedDemo(sink: SeedSink): void {
  sink.skus(seededSkus(60));
  for (const [at, person] of people.entries()) seedPerson(sink, person, at);
  for (const guest of guests) seedGuest(sink, guest);
  seedServiceAccount(sink);
  for (const person of people)
    if (person.manager !== null) sink.link('manager', demoId(person.key), demoId(person.manager));
  for (const group of groups) seedGroup(sink, group);
  for (const unit of units) {
    const id = demoId(`unit:${unit.key}`);
    sink.object('administrativeUnit', id, { displayName: unit.displayName, description: unit.description });
    for (const member of unit.members.flatMap(expand)) sink.link('members', id, demoId(member));
  }
  seedRoles(sink);
  seedLicenses(sink);
  for (const person of people) {
    const portrayed =
      person.manager === 'astrid.berg' || person.manager === null || person.department === 'Engineering';
    if (portrayed) sink.photo(demoId(person.key), createPicture(person.key));
  }
}

function seedPerson(sink: SeedSink, person: Person, at: number): void {
  const office = offices[person.office];
  const upn = `${person.key}@${domain}`;
  const digits = String(at).padStart(2, '0');
  const shared = {
    displayName: `${person.givenName} ${person.surname}`,
    givenName: person.givenName,
    surname: person.surname,
    userPrincipalName: upn,
    mailNickname: person.key,
    mail: upn,
    jobTitle: person.jobTitle,
    department: person.department,
    companyName: 'Contoso',
    employeeId: `C${1000 + at}`,
    officeLocation: `${office.city} ${1 + (at % 4)}.${digits}`,
    streetAddress: office.street,
    postalCode: office.zip,
    city: office.city,
    country: office.country,
    businessPhones: [`${office.phone} 01${digits}`],
    accountEnabled: true,
  };
  const anchor = stableAnchor(person.key);
  sink.object('user', demoId(person.key), {
    ...shared,
    userType: 'Member',
    createdDateTime: created,
    usageLocation: office.usageLocation,
    preferredLanguage: person.office === 'Lyon' ? 'fr-FR' : 'en-US',
    mobilePhone: `${office.phone} 77${digits}`,
    otherMails: at % 5 === 0 ? [`${person.givenName.toLowerCase()}@${person.surname.toLowerCase()}.example`] : [],
    proxyAddresses: [`SMTP:${upn}`],
    ...(at % 7 === 1 ? { onPremisesExtensionAttributes: { extensionAttribute1: `cost-centre-${at}` } } : {}),
    ...(person.synced
      ? {
          onPremisesSyncEnabled: true,
          onPremisesImmutableId: anchor,
          onPremisesLastSyncDateTime: created,
          onPremisesDomainName: 'corp.contoso.com',
          onPremisesSamAccountName: person.key,
          onPremisesUserPrincipalName: upn,
          onPremisesDistinguishedName: `CN=${shared.displayName},OU=Staff,DC=corp,DC=contoso,DC=com`,
          onPremisesSecurityIdentifier: `S-1-5-21-1004336348-1177238915-682003330-${1100 + at}`,
        }
      : {}),
  });
  const boss = people.find((other) => other.key === person.manager);
  if (person.synced) sink.onPremisesUser(anchor, shared, boss?.synced === true ? stableAnchor(boss.key) : undefined);
}

function seedGuest(sink: SeedSink, guest: (typeof guests)[number]): void {
  const id = demoId(guest.key);
  sink.object('user', id, {
    displayName: guest.displayName,
    userPrincipalName: `${guest.mail.replace('@', '_')}#EXT#@${domain}`,
    mailNickname: `${guest.mail.replace('@', '_')}#EXT#`,
    mail: guest.mail,
    otherMails: [guest.mail],
    proxyAddresses: [`SMTP:${guest.mail}`],
    userType: 'Guest',
    accountEnabled: true,
    creationType: 'Invitation',
    externalUserState: 'Accepted',
    createdDateTime: created,
    companyName: 'Fabrikam',
  });
  for (const sponsor of guest.sponsors) sink.link('sponsors', id, demoId(sponsor));
}

function seedServiceAccount(sink: SeedSink): void {
  sink.object('user', demoId('svc-scanner'), {
    displayName: 'Scanner Service',
    userPrincipalName: `svc-scanner@${domain}`,
    mailNickname: 'svc-scanner',
    accountEnabled: false,
    userType: 'Member',
    createdDateTime: created,
    passwordPolicies: 'DisablePasswordExpiration',
  });
}

function seedGroup(sink: SeedSink, group: DemoGroup): void {
  const id = demoId(`group:${group.key}`);
  const mail = `${group.key}@${domain}`;
  const mailed = ['microsoft365', 'distribution', 'mailSecurity'].includes(group.kind);
  const anchor = stableAnchor(`group:${group.key}`);
  const members = group.members.flatMap(expand);
  sink.object('group', id, {
    displayName: group.displayName,
    description: group.description,
    mailNickname: group.key,
    mailEnabled: mailed,
    securityEnabled: !['microsoft365', 'distribution'].includes(group.kind),
    groupTypes: group.kind === 'microsoft365' ? ['Unified'] : group.kind === 'dynamic' ? ['DynamicMembership'] : [],
    createdDateTime: created,
    ...(group.kind === 'roleAssignable' ? { isAssignableToRole: true, visibility: 'Private' } : {}),
    ...(group.kind === 'microsoft365' ? { visibility: 'Private' } : {}),
    ...(mailed ? { mail, proxyAddresses: [`SMTP:${mail}`] } : {}),
    ...(group.rule === undefined ? {} : { membershipRule: group.rule, membershipRuleProcessingState: 'On' }),
    ...(group.kind === 'synced'
      ? { onPremisesSyncEnabled: true, onPremisesLastSyncDateTime: created, onPremisesSamAccountName: group.key }
      : {}),
  });
  for (const owner of group.owners) sink.link('owners', id, demoId(owner));
  for (const member of members) sink.link('members', id, demoId(member));
  if (group.kind === 'synced') sink.onPremisesGroup(anchor, id, group.displayName, members.map(stableAnchor));
}

function seedRoles(sink: SeedSink): void {
  const customId = demoId(`role:${customRole.key}`);
  sink.customRole(customId, customRole.displayName, customRole.description, customRole.actions);
  const place = ({ role, principal, unit }: DemoAssignment) =>
    [
      demoId(`assignment:${role}:${principal}:${unit ?? ''}`),
      role === 'custom' ? customId : roles[role],
      demoId(principal),
      unit === null ? '/' : `/administrativeUnits/${demoId(`unit:${unit}`)}`,
    ] as const;
  for (const assignment of assignments) sink.roleAssignment(...place(assignment));
  for (const assignment of eligible) sink.eligibleRole(...place(assignment), null);
}

function seedLicenses(sink: SeedSink): void {
  sink.license(demoId('group:visio-users'), skuIds.visio, []);
  for (const person of people) {
    const disabled = person.department === 'Sales' ? [planIds.yammer] : [];
    sink.license(demoId(person.key), skuIds.e3, disabled);
    if (person.department === 'IT') sink.license(demoId(person.key), skuIds.entraP2, []);
  }
}

function expand(member: string): readonly string[] {
  const [prefix, name] = member.split(':');
  if (member === 'everyone') return people.map((person) => person.key);
  if (prefix === 'department') return people.filter((person) => person.department === name).map((person) => person.key);
  if (prefix === 'office') return people.filter((person) => person.office === name).map((person) => person.key);
  return [member];
}
