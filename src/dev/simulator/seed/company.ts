/**
 * A believable tenant of any size, deterministic: the same numbers give the same tenant, ids included. Streams into the
 * sink; what it holds itself is three lists of ids.
 */

import { seedEveryKind } from './every-kind.ts';
import { createPicture } from './picture.ts';
import { createRandom, type Random } from './random.ts';
import type { SeedSink } from './sink.ts';
import { planIds, seededSkus, skuIds } from './skus.ts';

export interface CompanySize {
  readonly users: number;
  readonly groups: number;
  readonly administrativeUnits: number;
  /** Group memberships of each user, at most `groups`. */
  readonly linksPerUser: number;
  /** Share of synced users, 0..1. */
  readonly hybridShare: number;
  readonly seed: number;
  /** Guests, dynamic groups, app roles and registered phones too, which a tenant of plain cases goes without. */
  readonly everyKind: boolean;
}

/** A size as requested, with gaps. */
export type GivenSize = { readonly users: number; readonly everyKind?: boolean | undefined } & {
  readonly [Name in Exclude<keyof CompanySize, 'users' | 'everyKind'>]?: number | undefined;
};

/** Fills in what a request leaves out: a group for ten users, a unit for five hundred, five memberships each. */
export function companySize(given: GivenSize): CompanySize {
  const groups = given.groups ?? Math.ceil(given.users / 10);
  return {
    users: given.users,
    groups,
    administrativeUnits: given.administrativeUnits ?? Math.ceil(given.users / 500),
    linksPerUser: given.linksPerUser ?? Math.min(5, groups),
    hybridShare: given.hybridShare ?? 0,
    seed: given.seed ?? 1,
    everyKind: given.everyKind ?? false,
  };
}

const givenNames =
  'Ada,Ali,Amir,Ana,Ben,Bo,Cara,Chen,Dan,Dina,Eli,Emma,Erik,Eva,Finn,Gia,Hana,Igor,Ines,Jan,Jia,Kai,Lea,Liam,Lina,Luca,Maja,Max,Mia,Nora,Omar,Oskar,Paul,Pia,Ravi,Rosa,Sam,Sara,Tara,Theo,Tom,Uma,Vera,Will,Yara,Zoe'.split(
    ',',
  );
const surnames =
  'Abe,Adler,Ahmed,Alves,Baker,Beck,Berg,Bianchi,Blom,Costa,Cruz,Dahl,Diaz,Evans,Fischer,Fontana,Garcia,Gupta,Haas,Hansen,Ito,Jansen,Jones,Kaya,Keller,Khan,Kim,Klein,Kovacs,Larsen,Lee,Lopez,Maier,Martin,Meyer,Moreau,Novak,Okoye,Olsen,Patel,Petrov,Popa,Rossi,Roux,Sato,Silva,Singh,Smith,Svensson,Tanaka,Torres,Vega,Virtanen,Weber,Wong,Yilmaz,Young,Zhang'.split(
    ',',
  );
const departments = 'Engineering,Sales,Marketing,Finance,Human Resources,Operations,Legal,Support,IT,Research'.split(
  ',',
);
const titles = 'Analyst,Engineer,Manager,Specialist,Consultant,Director,Assistant,Architect,Lead,Coordinator'.split(
  ',',
);
const places: ReadonlyArray<readonly [city: string, country: string, usageLocation: string]> = [
  ['Oslo', 'Norway', 'NO'],
  ['Lyon', 'France', 'FR'],
  ['Austin', 'United States', 'US'],
  ['Leeds', 'United Kingdom', 'GB'],
  ['Graz', 'Austria', 'AT'],
];
/** Roles of which nobody becomes untouchable by holding one (graph-facts 4.2). */
const minorRoles = [
  '4a5d8f65-41da-4de4-8968-e035b65339cf',
  '5d6b6bb7-de71-4623-b4af-96380a352509',
  'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  '729827e3-9c14-49f7-bb1b-9608f156bbb8',
];
/** Of these, the ones that may be limited to a unit: Groups and Helpdesk Administrator. */
const unitRoles = minorRoles.slice(2);
const domain = 'contoso.com';
const created = '2025-01-06T09:00:00Z';
const reportsPerManager = 8;
const ownersPerGroup = 2;

/** Fills an empty tenant with exactly so many users, groups and units. */
export function seedCompany(sink: SeedSink, size: CompanySize): void {
  const random = createRandom(size.seed);
  sink.skus(seededSkus(Math.max(10, Math.ceil(size.users * 1.2))));
  const people = seedUsers(sink, random, size);
  const users = people.map(({ id }) => id);
  // The last groups follow a rule, one a department at most, as far as enough others are left for everyone's memberships.
  const dynamic = size.everyKind
    ? Math.min(Math.ceil(size.groups / 20), departments.length, size.groups - size.linksPerUser)
    : 0;
  const groups = seedGroups(sink, random, users, size.groups - dynamic);
  seedMemberships(sink, random, users, groups, size.linksPerUser);
  const units = seedUnits(sink, random, users, size.administrativeUnits);
  seedAssignments(sink, random, users, units);
  seedPhotos(sink, users);
  const [licensed] = groups;
  if (licensed !== undefined) sink.license(licensed, skuIds.entraP2, []);
  if (size.everyKind) seedEveryKind(sink, random, people, { groups: dynamic, created });
}

/** Someone of the company, as far as what follows needs to know. */
export interface Seeded {
  readonly id: string;
  readonly department: string;
}

function seedUsers(sink: SeedSink, random: Random, size: CompanySize): readonly Seeded[] {
  const people: Seeded[] = [];
  const synced = Math.round(size.users * size.hybridShare);
  for (let at = 0; at < size.users; at += 1) {
    const id = random.guid();
    const isSynced = spread(at, size.users, synced);
    const isGuest = size.everyKind && !isSynced && at % 40 === 38;
    const person = describeUser(random, at);
    const anchor = isSynced ? anchorOf(random) : null;
    sink.object('user', id, {
      ...person.attributes,
      userType: isGuest ? 'Guest' : 'Member',
      createdDateTime: created,
      usageLocation: person.usageLocation,
      proxyAddresses: [`SMTP:${person.attributes.mail}`],
      ...(isGuest ? guestNames(person.attributes.mailNickname) : {}),
      ...(anchor === null
        ? {}
        : {
            onPremisesSyncEnabled: true,
            onPremisesImmutableId: anchor,
            onPremisesLastSyncDateTime: created,
            onPremisesDomainName: 'corp.contoso.com',
            onPremisesSamAccountName: person.attributes.mailNickname,
            onPremisesUserPrincipalName: person.attributes.userPrincipalName,
          }),
    });
    if (anchor !== null) sink.onPremisesUser(anchor, person.attributes);
    const manager = at === 0 ? undefined : people[Math.floor((at - 1) / reportsPerManager)]?.id;
    if (manager !== undefined) sink.link('manager', id, manager);
    if (at % 50 === 49 && manager !== undefined) sink.link('sponsors', id, manager);
    // Nine of ten have the main licence; some without one of its plans.
    if (at % 10 !== 9) sink.license(id, skuIds.e3, at % 7 === 3 ? [planIds.yammer] : []);
    people.push({ id, department: person.attributes.department });
  }
  return people;
}

/** What a partner's employee is called here, who came by invitation. */
function guestNames(name: string): Readonly<Record<string, unknown>> {
  const mail = `${name}@fabrikam.com`;
  return {
    mail,
    otherMails: [mail],
    proxyAddresses: [`SMTP:${mail}`],
    mailNickname: `${name}_fabrikam.com#EXT#`,
    userPrincipalName: `${name}_fabrikam.com#EXT#@${domain}`,
    creationType: 'Invitation',
    externalUserState: 'Accepted',
    externalUserStateChangeDateTime: created,
  };
}

function describeUser(random: Random, at: number) {
  const givenName = pick(random, givenNames);
  const surname = pick(random, surnames);
  const [city, country, usageLocation] = places[random.below(places.length)] ?? ['Oslo', 'Norway', 'NO'];
  const mailNickname = `${givenName}.${surname}.${at}`.toLowerCase();
  const mail = `${mailNickname}@${domain}`;
  const attributes = {
    displayName: `${givenName} ${surname}`,
    givenName,
    surname,
    userPrincipalName: mail,
    mailNickname,
    mail,
    jobTitle: pick(random, titles),
    department: pick(random, departments),
    companyName: 'Contoso',
    employeeId: `E${at}`,
    city,
    country,
    officeLocation: `${city} ${1 + random.below(40)}`,
    accountEnabled: true,
  };
  return { attributes, usageLocation };
}

function seedGroups(sink: SeedSink, random: Random, users: readonly string[], count: number): readonly string[] {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const id = random.guid();
    const unified = at % 4 === 3;
    const mail = `group.${at}@${domain}`;
    sink.object('group', id, {
      displayName: `${pick(random, departments)} ${unified ? 'Team' : 'Access'} ${at}`,
      description: `Seeded group ${at}`,
      mailNickname: `group.${at}`,
      mailEnabled: unified,
      securityEnabled: !unified,
      groupTypes: unified ? ['Unified'] : [],
      createdDateTime: created,
      ...(unified ? { mail, proxyAddresses: [`SMTP:${mail}`], visibility: 'Private' } : {}),
    });
    for (const owner of distinct(random, users.length, Math.min(ownersPerGroup, users.length))) {
      const target = users[owner];
      if (target !== undefined) sink.link('owners', id, target);
    }
    ids.push(id);
  }
  return ids;
}

function seedMemberships(
  sink: SeedSink,
  random: Random,
  users: readonly string[],
  groups: readonly string[],
  linksPerUser: number,
): void {
  for (const user of users) {
    for (const at of distinct(random, groups.length, linksPerUser)) {
      const group = groups[at];
      if (group !== undefined) sink.link('members', group, user);
    }
  }
}

function seedUnits(sink: SeedSink, random: Random, users: readonly string[], count: number): readonly string[] {
  const ids = Array.from({ length: count }, () => random.guid());
  for (const [at, id] of ids.entries()) {
    sink.object('administrativeUnit', id, { displayName: `Unit ${at}`, description: `Seeded unit ${at}` });
  }
  for (const [at, user] of users.entries()) {
    const unit = ids[at % Math.max(1, count)];
    // Every other user stands in a unit, so that there are some who do not.
    if (unit !== undefined && Math.floor(at / count) % 2 === 0) sink.link('members', unit, user);
  }
  return ids;
}

/** Every twentieth has a photo, one of a few; so many in all that a large tenant stays small. */
function seedPhotos(sink: SeedSink, users: readonly string[]): void {
  const pictures = Array.from({ length: 5 }, (_, at) => createPicture(`portrait ${at}`));
  const portrayed = users.filter((_, at) => at % 20 === 7).slice(0, 500);
  for (const [at, user] of portrayed.entries()) {
    const picture = pictures[at % pictures.length];
    if (picture !== undefined) sink.photo(user, picture);
  }
}

function seedAssignments(sink: SeedSink, random: Random, users: readonly string[], units: readonly string[]): void {
  const holders = Math.min(50, Math.ceil(users.length / 100));
  for (let at = 0; at < holders; at += 1) {
    const user = users[Math.floor((at * users.length) / holders)];
    // Every third holds the role in a unit; every fifth is eligible, not active.
    const unit = at % 3 === 2 ? units[at % Math.max(1, units.length)] : undefined;
    const possible = unit === undefined ? minorRoles : unitRoles;
    const role = possible[at % possible.length];
    if (user === undefined || role === undefined) continue;
    const scope = unit === undefined ? '/' : `/administrativeUnits/${unit}`;
    if (at % 5 === 4) sink.eligibleRole(random.guid(), role, user, scope, null);
    else sink.roleAssignment(random.guid(), role, user, scope);
  }
}

/** True for exactly `chosen` of `total` positions, evenly spread. */
function spread(at: number, total: number, chosen: number): boolean {
  return Math.floor(((at + 1) * chosen) / total) > Math.floor((at * chosen) / total);
}

/** `count` different numbers below `limit`. */
function distinct(random: Random, limit: number, count: number): Iterable<number> {
  if (count * 2 > limit) {
    const all = Array.from({ length: limit }, (_, at) => at);
    for (let at = 0; at < count; at += 1) {
      const other = at + random.below(limit - at);
      [all[at], all[other]] = [all[other] ?? 0, all[at] ?? 0];
    }
    return all.slice(0, count);
  }
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random.below(limit));
  return chosen;
}

function pick(random: Random, values: readonly string[]): string {
  return values[random.below(values.length)] ?? '';
}

function anchorOf(random: Random): string {
  return Buffer.from(random.guid().replaceAll('-', ''), 'hex').toString('base64');
}
