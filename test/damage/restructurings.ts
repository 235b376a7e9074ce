/** Damages that take several calls: names taken by others, things made again by hand, what Active Directory brings. */
import { at, nothing, type Operation, said } from './operations.ts';
import { type Dumped, nameOf, pick } from './world.ts';

const password = { password: 'Correct-Horse-7-Battery' };

/** Somebody new gets the name of a user who is gone, or who is renamed for it. */
const takeName: Operation = async (world, { one, three }) => {
  const user = await world.live('user', one);
  if (user === undefined) return nothing;
  const userPrincipalName: string = user.properties.userPrincipalName;
  const gone = three % 2 === 0;
  const freed = gone
    ? await world.send('DELETE', at('user', user))
    : await world.send('PATCH', at('user', user), { userPrincipalName: `was.${userPrincipalName}` });
  const stranger = {
    displayName: 'Stranger',
    mailNickname: 'stranger',
    accountEnabled: true,
    userPrincipalName,
    passwordProfile: password,
  };
  return said(
    `a stranger takes the name of ${nameOf(user)}, who is ${gone ? 'deleted' : 'renamed'} (${freed.status})`,
    await world.send('POST', '/users', stranger),
  );
};

/** One gets another's name, who is renamed for it, or has the name of the first from now on. */
const shiftNames: Operation = async (world, { one, two, three }) => {
  const [first, second] = [await world.live('user', one), await world.live('user', two)];
  if (first === undefined || second === undefined || first.id === second.id) return nothing;
  const [left, name]: string[] = [first.properties.userPrincipalName, second.properties.userPrincipalName];
  await world.send('PATCH', at('user', second), { userPrincipalName: `moved.${name}` });
  const moved = await world.send('PATCH', at('user', first), { userPrincipalName: name });
  const swap = three % 2 === 0 ? await world.send('PATCH', at('user', second), { userPrincipalName: left }) : undefined;
  return said(
    `${nameOf(first)} gets the name of ${nameOf(second)}${swap === undefined ? '' : `, and the other way round (${swap.status})`}`,
    moved,
  );
};

/** Somebody makes a deleted group again, as far as he remembers it. */
const makeGroupAgain: Operation = async (world, { one, three }) => {
  const group = await world.live('group', one, ({ properties }) => properties.onPremisesSyncEnabled !== true);
  if (group === undefined) return nothing;
  const { displayName, mailNickname, mailEnabled, securityEnabled, groupTypes, membershipRule, isAssignableToRole } =
    group.properties;
  await world.send('DELETE', at('group', group));
  if (three % 2 === 0) await world.send('DELETE', `/directory/deletedItems/${group.id}`);
  const rule = membershipRule === undefined ? {} : { membershipRule, membershipRuleProcessingState: 'On' };
  const body = {
    displayName,
    mailNickname,
    mailEnabled,
    securityEnabled,
    groupTypes,
    ...rule,
    ...(isAssignableToRole ? { isAssignableToRole } : {}),
  };
  return said(`${displayName} is made again`, await world.send('POST', '/groups', body));
};

const makeNew: Operation = async (world, { one, three }) => {
  const displayName = `New ${one}`;
  const mailNickname = `new.${one}`;
  const answer =
    three % 2 === 0
      ? await world.send('POST', '/users', {
          displayName,
          mailNickname,
          accountEnabled: true,
          userPrincipalName: `${mailNickname}@contoso.com`,
          passwordProfile: password,
        })
      : await world.send('POST', '/groups', { displayName, mailNickname, mailEnabled: false, securityEnabled: true });
  return said(`${displayName} is made`, answer);
};

const removeRoleDefinition: Operation = async (world) => {
  const { roleDefinition, roleAssignment } = await world.dump();
  const role = pick(roleDefinition ?? [], 0);
  if (role === undefined) return nothing;
  for (const { key, roleDefinitionId } of roleAssignment ?? [])
    if (roleDefinitionId === role.key) await world.send('DELETE', `/roleManagement/directory/roleAssignments/${key}`);
  return said(
    'the custom role is removed',
    await world.send('DELETE', `/roleManagement/directory/roleDefinitions/${role.key}`),
  );
};

const removeApp: Operation = async (world) => {
  const app = pick((await world.dump()).servicePrincipal ?? [], 0);
  if (app === undefined) return nothing;
  await world.system.control('DELETE', `/objects/${app.id}`);
  return 'the app is gone';
};

const dropMailGroup: Operation = async (world, { one }) => {
  const group = await world.live(
    'group',
    one,
    ({ properties }) => properties.mailEnabled && !properties.groupTypes.includes('Unified'),
  );
  if (group === undefined) return nothing;
  await world.system.control('DELETE', `/objects/${group.id}`);
  return `${nameOf(group)} is removed in Exchange`;
};

const synchronize: Operation = async ({ system }) => {
  const { created, updated, matched, restored, deleted, errors } = await system.control('POST', '/on-premises/sync');
  return `a synchronization: ${JSON.stringify({ created, updated, matched: matched.length, restored, deleted, errors: errors.length })}`;
};

const isSynced = ({ properties }: Dumped): boolean => typeof properties.onPremisesImmutableId === 'string';

const editOnPremises: Operation = async (world, { one, two }) => {
  const user = await world.live('user', one, isSynced);
  if (user === undefined) return nothing;
  const change = pick(
    [{ department: 'Research' }, { displayName: 'Renamed in AD' }, { city: 'Rome' }, { managerAnchor: null }],
    two,
  );
  const path = `/on-premises/users/${encodeURIComponent(user.properties.onPremisesImmutableId)}`;
  // An account that Active Directory has no more cannot be edited.
  await world.system.control('PATCH', path, change).catch(() => undefined);
  return `${nameOf(user)} becomes ${JSON.stringify(change)} in Active Directory`;
};

const deleteOnPremises: Operation = async (world, { one }) => {
  const user = await world.live('user', one, isSynced);
  if (user === undefined) return nothing;
  const path = `/on-premises/users/${encodeURIComponent(user.properties.onPremisesImmutableId)}`;
  await world.system.control('DELETE', path).catch(() => undefined);
  return `${nameOf(user)} is deleted in Active Directory`;
};

/** The user goes, a synchronization makes or takes it again. */
const resynchronize: Operation = async (world, dice) => {
  const user = await world.live('user', dice.one, isSynced);
  if (user === undefined) return nothing;
  await world.send('DELETE', at('user', user));
  if (dice.two % 2 === 0) await world.send('DELETE', `/directory/deletedItems/${user.id}`);
  return `${nameOf(user)} is deleted; ${await synchronize(world, dice)}`;
};

const switchAuthority: Operation = async (world, { one }) => {
  const user = await world.live('user', one, isSynced);
  if (user === undefined) return nothing;
  return said(
    `${nameOf(user)} is managed in the cloud from now on`,
    await world.send('PATCH', `${at('user', user)}/onPremisesSyncBehavior`, { isCloudManaged: true }),
  );
};

export const restructurings = {
  takeName,
  shiftNames,
  makeGroupAgain,
  makeNew,
  removeRoleDefinition,
  removeApp,
  dropMailGroup,
  synchronize,
  editOnPremises,
  deleteOnPremises,
  resynchronize,
  switchAuthority,
} as const;
