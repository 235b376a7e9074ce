/** The tenant as a sync cycle sees and changes it; sync is no caller of Graph, so none of Graph's checks apply. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Entity } from '../tenant/entity.ts';
import { organizationOf } from '../tenant/organization.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Properties } from './active-directory.ts';
import { holdsPrivilegedRole } from './privileged-roles.ts';
import type { SyncTarget, SyncUser } from './target.ts';

/** How users go to the bin and come back, which is the business of Graph's own handlers. */
export interface LifeCycle {
  bin(id: string): void;
  /** `userPrincipalName`: the one to come back under; null keeps his own. */
  restore(id: string, userPrincipalName: string | null): void;
  setPassword(id: string, password: string): void;
  /** What follows from a user's new values (dynamic groups), or from a user joining or leaving a group (licences). */
  changed(id: string): void;
  joinedOrLeft(groupId: string, userId: string): void;
}

/** The target over one tenant; its writes belong inside `tenant.transact`. */
export function createSyncTarget(tenant: Tenant, lifeCycle: LifeCycle): SyncTarget {
  const view = (entity: Entity): SyncUser => ({
    id: entity.id,
    binned: entity.deletedDateTime !== null,
    properties: entity.properties,
    privileged: holdsPrivilegedRole(tenant, entity.id),
    cloudManaged: isCloudManaged(entity),
  });
  const usersOf = (ids: Iterable<string>): readonly Entity[] =>
    [...ids].flatMap((id) => tenant.get(id) ?? []).filter((entity) => entity.type === 'user');
  const firstLive = (ids: Iterable<string>): SyncUser | null => {
    const found = usersOf(ids).find((entity) => entity.deletedDateTime === null);
    return found === undefined ? null : view(found);
  };
  const write = (id: string, properties: Properties): void => {
    const { password, rest } = splitPassword(properties);
    if (Object.keys(rest).length > 0) tenant.update(id, rest);
    if (password !== null) lifeCycle.setPassword(id, password);
    lifeCycle.changed(id);
  };
  return {
    usersByAnchor: (anchor) => usersOf(tenant.holders('onPremisesImmutableId', anchor)).map(view),
    liveUserByName: (name) => firstLive(tenant.holders('userPrincipalName', name)),
    liveUserByPrimaryAddress: (address) => {
      const holders = usersOf(tenant.holders('proxyAddresses', `SMTP:${address}`));
      const primary = `SMTP:${address}`.toLowerCase();
      return firstLive(
        holders
          .filter((entity) => proxiesOf(entity).some((one) => one.startsWith('SMTP:') && one.toLowerCase() === primary))
          .map((entity) => entity.id),
      );
    },
    holderOf: (value, exceptId) => {
      const holders = [
        ...tenant.holders('userPrincipalName', value),
        ...tenant.holders('proxyAddresses', `smtp:${value}`),
      ];
      return holders.flatMap((id) => (id === exceptId ? [] : (tenant.live(id) ?? [])))[0] ?? null;
    },
    holderOfSecurityIdentifier: (value, exceptId) =>
      tenant
        .ofType('user')
        .find(
          ({ id, deletedDateTime, properties }) =>
            deletedDateTime === null && id !== exceptId && properties.onPremisesSecurityIdentifier === value,
        ) ?? null,
    createUser: (properties) => {
      const { password, rest } = splitPassword(properties);
      const id = randomUUID();
      tenant.create('user', id, { userType: 'Member', createdDateTime: tenant.clock.now(), ...rest });
      if (password !== null) lifeCycle.setPassword(id, password);
      lifeCycle.changed(id);
      return id;
    },
    updateUser: (id, properties) => {
      const before = tenant.get(id)?.properties ?? {};
      const changed = Object.entries(properties).filter(
        ([name, value]) => !isDeepStrictEqual(before[name] ?? null, value ?? null),
      );
      // A password cannot be compared, so it is carried over without counting as a change.
      if (changed.length > 0) write(id, Object.fromEntries(changed));
      return changed.some(([name]) => name !== 'passwordProfile');
    },
    setManager: (id, managerId) => {
      const current = [...tenant.targets('manager', id).keys()][0] ?? null;
      if (current === managerId) return false;
      if (current !== null) tenant.unlink('manager', id, current);
      if (managerId !== null) tenant.link('manager', id, managerId);
      lifeCycle.changed(id);
      return true;
    },
    restoreUser: (id, name) => lifeCycle.restore(id, name),
    binUser: (id) => lifeCycle.bin(id),
    groupState: (id) => {
      const group = tenant.live(id);
      return group?.type !== 'group' ? 'gone' : isCloudManaged(group) ? 'cloudManaged' : 'synced';
    },
    createGroup: (properties) => {
      const id = randomUUID();
      tenant.create('group', id, { createdDateTime: tenant.clock.now(), ...properties });
      return id;
    },
    reclaimGroup: (id, dateTime) => {
      if (tenant.live(id)?.properties.onPremisesSyncEnabled === true) return false;
      tenant.update(id, { onPremisesSyncEnabled: true, onPremisesLastSyncDateTime: dateTime });
      return true;
    },
    setMembers: (groupId, memberIds) => {
      const wanted = new Set(memberIds);
      const current = [...tenant.targets('members', groupId).keys()];
      const [gone, added] = [
        current.filter((id) => !wanted.has(id)),
        [...wanted].filter((id) => !current.includes(id)),
      ];
      for (const id of gone) tenant.unlink('members', groupId, id);
      for (const id of added) tenant.link('members', groupId, id);
      for (const id of [...gone, ...added]) lifeCycle.joinedOrLeft(groupId, id);
      return gone.length + added.length > 0;
    },
    finished: (dateTime) =>
      tenant.put('organization', 'current', {
        ...organizationOf(tenant),
        onPremisesSyncEnabled: true,
        onPremisesLastSyncDateTime: dateTime,
      }),
  };
}

function isCloudManaged(entity: Entity): boolean {
  const behavior = entity.properties.onPremisesSyncBehavior;
  return (
    typeof behavior === 'object' &&
    behavior !== null &&
    'isCloudManaged' in behavior &&
    behavior.isCloudManaged === true
  );
}

function proxiesOf(entity: Entity): readonly string[] {
  const { proxyAddresses } = entity.properties;
  return Array.isArray(proxyAddresses) ? proxyAddresses.map(String) : [];
}

function splitPassword(properties: Properties): { password: string | null; rest: Properties } {
  const { passwordProfile, ...rest } = properties;
  const password =
    typeof passwordProfile === 'object' && passwordProfile !== null && 'password' in passwordProfile
      ? String(passwordProfile.password)
      : null;
  return { password, rest };
}
