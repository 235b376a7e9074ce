/** What `everyKind` adds to a seeded tenant: groups that follow a rule, app roles and registered phones. */
import type { Seeded } from './company.ts';
import type { Random } from './random.ts';
import type { SeedSink } from './sink.ts';

export interface Extent {
  /** How many dynamic groups. */
  readonly groups: number;
  /** ISO 8601. */
  readonly created: string;
}

/** So many at most, however large the tenant. */
const most = 500;

export function seedEveryKind(sink: SeedSink, random: Random, people: readonly Seeded[], extent: Extent): void {
  seedDynamicGroups(sink, random, people, extent);
  const [payroll, reader, writer] = [random.guid(), random.guid(), random.guid()];
  sink.object('servicePrincipal', payroll, {
    displayName: 'Payroll',
    appId: random.guid(),
    accountEnabled: true,
    servicePrincipalType: 'Application',
    appRoles: [role(reader, 'Payroll.Read'), role(writer, 'Payroll.Write')],
  });
  const assigned = people.filter((_, at) => at % 12 === 1).slice(0, most);
  for (const [at, { id }] of assigned.entries()) {
    sink.appRole(assignmentId(random), at % 4 === 0 ? writer : reader, id, payroll);
  }
  const registered = people.filter((_, at) => at % 8 === 5).slice(0, most);
  for (const [at, { id }] of registered.entries()) sink.phone(id, `+47 ${90_000_000 + at}`);
}

/** Each takes in one department; the members are linked here as the rule would have them. */
function seedDynamicGroups(sink: SeedSink, random: Random, people: readonly Seeded[], extent: Extent): void {
  const departments = [...new Set(people.map(({ department }) => department))].sort();
  for (let at = 0; at < extent.groups; at += 1) {
    const id = random.guid();
    const department = departments[at % Math.max(1, departments.length)] ?? 'Nowhere';
    sink.object('group', id, {
      displayName: `Everyone in ${department} ${at}`,
      description: 'Seeded dynamic group',
      mailNickname: `dynamic.${at}`,
      mailEnabled: false,
      securityEnabled: true,
      groupTypes: ['DynamicMembership'],
      membershipRule: `user.department -eq "${department}"`,
      membershipRuleProcessingState: 'On',
      createdDateTime: extent.created,
    });
    for (const person of people) if (person.department === department) sink.link('members', id, person.id);
  }
}

function role(id: string, value: string): object {
  return {
    allowedMemberTypes: ['User'],
    description: value,
    displayName: value,
    id,
    isEnabled: true,
    origin: 'Application',
    value,
  };
}

function assignmentId(random: Random): string {
  return Buffer.from(random.guid().replaceAll('-', ''), 'hex').toString('base64url');
}
