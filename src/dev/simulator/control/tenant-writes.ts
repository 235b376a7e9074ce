/** The doors' writes to the tenant's store: free of Graph's rules, but never into a state Graph could not be in. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { objectIdentifier } from '../on-premises/matching.ts';
import { createSyncTarget } from '../on-premises/tenant-target.ts';
import { purgeNow } from '../resources/bin.ts';
import { followRule, followRules } from '../resources/dynamic-groups.ts';
import { extensionsOf } from '../resources/extension-types.ts';
import { inheritByAll } from '../resources/licensing.ts';
import type { View } from '../resources/lookup.ts';
import { graphType } from '../schema/schema.ts';
import { plantSeed } from '../seed/plant.ts';
import type { Simulation } from '../simulation.ts';
import { type DirectoryType, directoryTypes, type Entity } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { ControlledTenant, Properties } from './controlled-tenant.ts';
import { DoorError } from './door.ts';
import { dumpTenant } from './dump.ts';
import { lifeCycleOf } from './life-cycle.ts';
import { checkSignIn, storePassword } from './sign-in.ts';

/** What the doors may do to a simulation's tenant. */
export function createControlledTenant(simulation: Simulation): ControlledTenant {
  const { tenant } = simulation;
  const view = (): View => ({ tenant, settings: simulation.settings() });
  return {
    reset: () => {
      tenant.clear();
      tenant.clock.setOffsetMs(0);
      // Reading the throttle while it is off drops the old buckets: the next test begins with full ones.
      simulation.throttle();
      simulation.keep();
    },
    seed: (write) => plantSeed(simulation, write),
    create: (type, properties, members, owners) =>
      tenant.transact(() => createObject(view(), type, properties, { members, owners })),
    patch: (id, properties) =>
      tenant.transact(() => {
        const entity = require(tenant, id);
        const rest = takePassword(tenant, entity.id, properties);
        checkProperties(tenant, entity.type, entity.id, rest);
        if (Object.keys(rest).length > 0) tenant.update(entity.id, rest);
        settle(view(), entity.id);
      }),
    destroy: (id) => tenant.transact(() => purgeNow(view(), require(tenant, id))),
    recover: (id, properties, members) =>
      tenant.transact(() => {
        const entity = require(tenant, id);
        checkProperties(tenant, entity.type, entity.id, properties);
        if (Object.keys(properties).length > 0) tenant.update(entity.id, properties, { silent: true });
        if (members !== null) replaceMembers(tenant, entity, members);
      }),
    signIn: (userPrincipalName, password) => checkSignIn(tenant, userPrincipalName, password),
    dump: () => dumpTenant(tenant, simulation.settings()),
    syncTarget: () => createSyncTarget(tenant, lifeCycleOf(view())),
  };
}

function createObject(
  view: View,
  type: string,
  given: Properties,
  links: { readonly members: readonly string[]; readonly owners: readonly string[] },
): string {
  const { tenant } = view;
  if (type.endsWith('AuthenticationMethod')) return createMethod(tenant, type, given);
  const known = directoryTypes.find((one) => one === type);
  if (known === undefined || known === 'directoryRole')
    throw new DoorError(501, `Objects of type ${type} are not implemented.`);
  const { id: givenId, ...properties } = given;
  const id = typeof givenId === 'string' ? givenId.toLowerCase() : randomUUID();
  if (tenant.get(id) !== undefined) throw new DoorError(409, `There is an object ${id} already.`);
  const rest = takePassword(tenant, id, properties);
  checkProperties(tenant, known, id, rest);
  const born = schemaOf(type).has('createdDateTime') ? { createdDateTime: tenant.clock.now() } : {};
  tenant.create(known, id, { ...born, ...rest });
  for (const relation of ['members', 'owners'] as const) {
    for (const target of new Set(links[relation])) tenant.link(relation, id, require(tenant, target).id);
  }
  settle(view, id);
  return id;
}

/** What follows from a change: dynamic groups and licences that groups hand out. */
function settle(view: View, id: string): void {
  const entity = view.tenant.live(id);
  if (entity?.type === 'user') followRules(view, entity);
  if (entity?.type !== 'group') return;
  followRule(view, id);
  inheritByAll(view, id);
}

/** Keeps the password of a `passwordProfile` where passwords are kept; the rest goes to the object. */
function takePassword(tenant: Tenant, id: string, { passwordProfile, ...rest }: Properties): Properties {
  if (passwordProfile === undefined) return rest;
  const parsed = profileShape.safeParse(passwordProfile);
  if (!parsed.success) throw new DoorError(400, 'passwordProfile: password is missing');
  storePassword(tenant, id, parsed.data.password, parsed.data.forceChangePasswordNextSignIn ?? true);
  return rest;
}
const profileShape = z.strictObject({
  password: z.string(),
  forceChangePasswordNextSignIn: z.boolean().optional(),
});

/** Methods nobody can register through Graph, such as passkeys; `userId` says whose. */
function createMethod(tenant: Tenant, type: string, { userId, id: givenId, ...properties }: Properties): string {
  if (typeof userId !== 'string') throw new DoorError(400, 'userId: names the user of an authentication method');
  const user = require(tenant, userId);
  const id = typeof givenId === 'string' ? givenId : randomUUID();
  const known = schemaOf(type);
  const unknown = Object.keys(properties).find((name) => !known.has(name));
  if (unknown !== undefined) throw new DoorError(400, `body: unknown field ${unknown}`);
  tenant.put('authenticationMethod', `${user.id}/${id}`, {
    '@odata.type': `#microsoft.graph.${type}`,
    id,
    ...properties,
  });
  return id;
}

function replaceMembers(tenant: Tenant, entity: Entity, members: readonly string[]): void {
  const wanted = new Set(members.map((id) => require(tenant, id).id));
  const current = new Set(tenant.targets('members', entity.id).keys());
  for (const id of current) if (!wanted.has(id)) tenant.unlink('members', entity.id, id, { silent: true });
  for (const id of wanted) if (!current.has(id)) tenant.link('members', entity.id, id, { silent: true });
}

function require(tenant: Tenant, id: string): Entity {
  const entity = tenant.get(id.toLowerCase());
  if (entity === undefined) throw new DoorError(404, `There is no object ${id}.`);
  return entity;
}

function schemaOf(type: string): ReadonlyMap<string, unknown> {
  try {
    return graphType(type).properties;
  } catch {
    throw new DoorError(501, `Objects of type ${type} are not implemented.`);
  }
}

/** Refuses names the type lacks, and values another object holds that must be unique. */
function checkProperties(tenant: Tenant, type: DirectoryType, id: string, properties: Properties): void {
  const known = new Map([...schemaOf(type), ...extensionsOf({ tenant }, type)]);
  const beta = type === 'user' ? objectIdentifier : null;
  const unknown = Object.keys(properties).find((name) => name === 'id' || (!known.has(name) && name !== beta));
  if (unknown !== undefined) throw new DoorError(400, `body: unknown field ${unknown}`);
  for (const name of ['userPrincipalName', 'onPremisesImmutableId', 'uniqueName'] as const) {
    const value = properties[name];
    const holder = typeof value === 'string' ? [...tenant.holders(name, value)].find((one) => one !== id) : undefined;
    if (holder !== undefined) throw new DoorError(409, `${name}: object ${holder} holds that value.`);
  }
}
