/** What an administrator does to a tenant in one call: the same operations wire a tenant up and damage it. Each answers what it did. */
import { picture, roles, skus } from '../support/company.ts';
import { collections, type Dice, type Dumped, type Kind, nameOf, pick, type World } from './world.ts';

export type Operation = (world: World, dice: Dice) => Promise<string>;

export const nothing = 'nothing to do it to';
const ends: ReadonlyArray<{ relation: string; source: Kind; targets: readonly Kind[] }> = [
  { relation: 'members', source: 'group', targets: ['user', 'user', 'user', 'group'] },
  { relation: 'owners', source: 'group', targets: ['user'] },
  { relation: 'members', source: 'administrativeUnit', targets: ['user', 'user', 'group'] },
  { relation: 'manager', source: 'user', targets: ['user'] },
  { relation: 'sponsors', source: 'user', targets: ['user', 'user', 'group'] },
];
/** User Administrator and Reports Reader for everybody; Helpdesk and Groups Administrator may be limited to a unit. */
const tenantRoles = [roles.reportsReader, 'fe930be7-5e62-47db-91af-98c3a49a38b1', roles.helpdesk];
const unitRoles = [roles.helpdesk, 'fdd7a751-b60b-444a-984c-02652fe8fa1c'];

export const said = (sentence: string, { status }: { readonly status: number }): string =>
  status < 300 ? sentence : `${sentence} (refused: ${status})`;
export const reference = (id: string) => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
export const at = (kind: Kind, { id }: Dumped): string => `${collections[kind]}/${id}`;

const link: Operation = async (world, { one, two, three }) => {
  const end = pick(ends, three);
  const source = end && (await world.live(end.source, one));
  const target = end && (await world.live(pick(end.targets, Math.floor(three / ends.length)) ?? 'user', two));
  if (end === undefined || source === undefined || target === undefined || source.id === target.id) return nothing;
  const method = end.relation === 'manager' ? 'PUT' : 'POST';
  const path = `${at(end.source, source)}/${end.relation}/$ref`;
  const answer = await world.send(method, path, reference(target.id));
  return said(`${nameOf(target)} becomes one of ${end.relation} of ${nameOf(source)}`, answer);
};

const unlink: Operation = async (world, { one, two, three }) => {
  const end = pick(ends, three);
  const source = end && (await world.live(end.source, one, ({ links }) => links?.[end.relation] !== undefined));
  const target = end && pick(source?.links?.[end.relation] ?? [], two);
  if (end === undefined || source === undefined || target === undefined) return nothing;
  const path = `${at(end.source, source)}/${end.relation}/${end.relation === 'manager' ? '' : `${target}/`}$ref`;
  return said(`${target} is none of ${end.relation} of ${nameOf(source)} any more`, await world.send('DELETE', path));
};

const assignRole: Operation = async (world, { one, two, three }) => {
  const principal =
    three % 6 === 5
      ? await world.live('group', one, ({ properties }) => properties.isAssignableToRole === true)
      : await world.live('user', one);
  const unit = three % 3 === 1 ? await world.live('administrativeUnit', two) : undefined;
  const custom = pick((await world.dump()).roleDefinition ?? [], two);
  const role = unit ? pick(unitRoles, two) : three % 7 === 2 && custom ? custom.key : pick(tenantRoles, two);
  if (principal === undefined) return nothing;
  const end = three % 5 === 0 ? { type: 'afterDateTime', endDateTime: '2999-01-01T00:00:00Z' } : undefined;
  const wanted = {
    principalId: principal.id,
    roleDefinitionId: role,
    directoryScopeId: unit === undefined ? '/' : `/administrativeUnits/${unit.id}`,
  };
  const bySchedule = three % 4 === 0 || end !== undefined;
  const path = !bySchedule
    ? 'roleAssignments'
    : three % 8 === 0
      ? 'roleEligibilityScheduleRequests'
      : 'roleAssignmentScheduleRequests';
  const { now } = await world.system.control('GET', '/clock');
  const schedule = {
    action: 'adminAssign',
    justification: 'test',
    scheduleInfo: { startDateTime: now, expiration: end ?? { type: 'noExpiration' } },
  };
  const body = bySchedule ? { ...wanted, ...schedule } : wanted;
  const answer = await world.send('POST', `/roleManagement/directory/${path}`, body);
  return said(`${nameOf(principal)} is given ${role} at ${wanted.directoryScopeId} by ${path}`, answer);
};

const license: Operation = async (world, { one, two, three }) => {
  const kind: Kind = three % 4 === 3 ? 'group' : 'user';
  const holder = await world.live(kind, one);
  if (holder === undefined) return nothing;
  const skuId = two % 2 === 0 ? skus.suite : skus.team;
  const disabledPlans = skuId === skus.suite && three % 3 === 0 ? [skus.suitePlan] : [];
  const body = { addLicenses: [{ skuId, disabledPlans }], removeLicenses: [] };
  const answer = await world.send('POST', `${at(kind, holder)}/assignLicense`, body);
  return said(`${nameOf(holder)} is given ${skuId} without [${disabledPlans}]`, answer);
};

const photo: Operation = async (world, { one, two }) => {
  const user = await world.live('user', one);
  if (user === undefined) return nothing;
  const answer = await world.send('PUT', `${at('user', user)}/photo/$value`, picture(two % 3));
  return said(`${nameOf(user)} is pictured`, answer);
};

const method: Operation = async (world, { one, two, three }) => {
  const user = await world.live('user', one);
  if (user === undefined) return nothing;
  const phone = { phoneNumber: `+49 30${1_000_000 + (two % 1000)}`, phoneType: 'mobile' };
  const [path, body] = three % 2 === 0 ? ['phoneMethods', phone] : ['emailMethods', { emailAddress: 'me@example.com' }];
  const answer = await world.send('POST', `${at('user', user)}/authentication/${path}`, body);
  return said(`${nameOf(user)} registers one of ${path}`, answer);
};

const appRole: Operation = async (world, { one, two }) => {
  const user = await world.live('user', one);
  const app = pick(((await world.dump()).servicePrincipal ?? []) as readonly Dumped[], 0);
  if (user === undefined || app === undefined) return nothing;
  const { id: appRoleId } = pick(app.properties.appRoles as readonly Dumped[], two) ?? app;
  const body = { principalId: user.id, resourceId: app.id, appRoleId };
  return said(
    `${nameOf(user)} may use ${nameOf(app)}`,
    await world.send('POST', `${at('user', user)}/appRoleAssignments`, body),
  );
};

/** All that give something; with `unlink` also what the links of a tenant do from day to day. */
export const givings = { link, assignRole, license, photo, method, appRole } as const;
export const unlinking = { unlink } as const;
