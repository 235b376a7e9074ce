/** Finding the object that a path or a reference means. */
import { badRequest, notFound, notReplicated } from '../errors.ts';
import { isGuid } from '../schema/schema.ts';
import type { Settings } from '../settings.ts';
import type { DirectoryType, Entity } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { standingPrincipal } from './own-app.ts';

/** The part of a call that says what can be seen now. */
export interface View {
  readonly tenant: Tenant;
  readonly settings: Settings;
}

/** The id of a user named by id or UPN; undefined when nobody is called so. */
export function resolveUserId(tenant: Tenant, key: string): string | undefined {
  if (!key.includes('@')) return undefined;
  const name = key.replace(/^userPrincipalName=/, '');
  return [...tenant.holders('userPrincipalName', name)][0];
}

/** Whether replication has carried a new object everywhere (contract 3, `replicationDelayMs`). */
export function isReplicated({ tenant, settings }: View, entity: Entity): boolean {
  return settings.replicationDelayMs === 0 || entity.createdMs + settings.replicationDelayMs <= tenant.clock.nowMs();
}

/** A live object of a type, replicated or not. Throws 404. `key`: id, or UPN for users. */
export function findLive(view: View, type: DirectoryType, key: string): Entity {
  const id = (type === 'user' ? resolveUserId(view.tenant, key) : byAlternateKey(view, type, key)) ?? key.toLowerCase();
  const entity =
    view.tenant.live(id) ?? (type === 'servicePrincipal' ? standingPrincipal(view.settings, key) : undefined);
  if (entity === undefined || entity.type !== type) throw notFound(key);
  return entity;
}

/** `roleTemplateId=...` of directory roles, `appId=...` of applications and service principals, `uniqueName=...` of groups. */
function byAlternateKey({ tenant }: View, type: DirectoryType, key: string): string | undefined {
  const [name, value] = key.split('=');
  if (name === 'uniqueName' && value !== undefined && type === 'group') {
    return [...tenant.holders('uniqueName', value)].find((id) => tenant.live(id) !== undefined);
  }
  if (value === undefined || (name !== 'roleTemplateId' && name !== 'appId')) return undefined;
  const wanted = value.toLowerCase();
  return tenant.ofType(type).find((one) => one.deletedDateTime === null && one.properties[name] === wanted)?.id;
}

/** As `findLive`, for reads: an object that is not replicated yet is not there. */
export function findReadable(view: View, type: DirectoryType, key: string): Entity {
  const entity = findLive(view, type, key);
  if (!isReplicated(view, entity)) throw notFound(key);
  return entity;
}

/** The source of a link that is written. Throws 404, or the documented 400 while it is not replicated. */
export function findLinkSource(view: View, type: DirectoryType, key: string): Entity {
  const entity = findLive(view, type, key);
  if (!isReplicated(view, entity)) throw notReplicated();
  return entity;
}

/** The live object that an `@odata.id` or an entry of `@odata.bind` refers to; any host. Throws 400 or 404. */
export function findReferenced(view: View, reference: unknown): Entity {
  if (typeof reference !== 'string') throw badRequest("Invalid URL value for '@odata.id'.");
  const path = /^(?:https?:\/\/[^/]+)?\/?(?:v1\.0|beta)?\/?(.+)$/.exec(reference)?.[1] ?? '';
  const segments = path
    .replace(/\/+$/, '')
    .split(/[/(]/)
    .map((segment) => decodeURIComponent(segment.replace(/\)$/, '').replace(/^'(.*)'$/, '$1')));
  const key = segments.at(-1) ?? '';
  const collection = segments.at(-2) ?? '';
  const types: Readonly<Record<string, DirectoryType>> = {
    users: 'user',
    groups: 'group',
    devices: 'device',
    serviceprincipals: 'servicePrincipal',
    serviceprincipal: 'servicePrincipal',
    contacts: 'orgContact',
    orgcontact: 'orgContact',
    applications: 'application',
    administrativeunits: 'administrativeUnit',
  };
  const name = collection.toLowerCase();
  if (name !== 'directoryobjects' && types[name] === undefined) {
    throw badRequest(`Invalid URL format specified in '@odata.id': ${collection}.`);
  }
  const id = resolveUserId(view.tenant, key) ?? key.toLowerCase();
  if (!isGuid(id)) throw notFound(key);
  const entity = view.tenant.live(id);
  if (entity === undefined || !isReplicated(view, entity)) throw notFound(key);
  if (types[name] !== undefined && types[name] !== entity.type) throw notFound(key);
  return entity;
}
