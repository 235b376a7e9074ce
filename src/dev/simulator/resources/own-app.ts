/**
 * Two service principals that every tenant has and that `settings` describe: the product's own app and Microsoft Graph. No list, delta or
 * dump shows them, so an empty tenant stays empty; they are found by id or `appId`. An app may read of itself which application permissions
 * it was granted (L:api/serviceprincipal-list-approleassignments) and what it is a member of (L:api/serviceprincipal-list-transitivememberof).
 */
import { permissionNames } from '../permission-table.ts';
import { stableId } from '../seed/stable-id.ts';
import type { Settings } from '../settings.ts';
import type { DirectoryType, Entity, Properties, Row } from '../tenant/entity.ts';
import { appClientId } from '../tenant/organization.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { findBuiltInRole } from './role-templates.ts';

/** Of Microsoft Graph, in every tenant and cloud. */
const graphAppId = '00000003-0000-0000-c000-000000000000';

const entity = (type: DirectoryType, id: string, properties: Properties): Entity => ({
  id,
  type,
  born: 0,
  createdMs: 0,
  properties,
  deletedDateTime: null,
});

const graphPrincipalId = stableId('service principal of Microsoft Graph');
const appRoleId = (permission: string): string => stableId(`app role ${permission}`);

function graphPrincipal(settings: Settings): Entity {
  const known = settings.permissions === 'all' ? [] : settings.permissions;
  const appRoles = [...new Set([...permissionNames, ...known])].sort().map((value) => ({
    allowedMemberTypes: ['Application'],
    description: value,
    displayName: value,
    id: appRoleId(value),
    isEnabled: true,
    origin: 'Application',
    value,
  }));
  return entity('servicePrincipal', graphPrincipalId, { appId: graphAppId, displayName: 'Microsoft Graph', appRoles });
}

const ownPrincipal = entity('servicePrincipal', stableId('service principal of the app'), {
  appId: appClientId,
  displayName: 'Entra Restore',
});

/** The one of the two that a key (`appId=…`, or an id) names. */
export function standingPrincipal(settings: Settings, key: string): Entity | undefined {
  const wanted = key.toLowerCase();
  return [ownPrincipal, graphPrincipal(settings)].find(
    ({ id, properties }) => wanted === id || wanted === `appid=${properties.appId}`,
  );
}

const isOwn = ({ properties }: Entity): boolean => properties.appId === appClientId;

/** The app's permissions, as the app roles of Graph that its service principal was assigned. */
export function grantedTo(principal: Entity, settings: Settings): readonly Row[] {
  if (!isOwn(principal)) return [];
  const granted = settings.permissions === 'all' ? permissionNames : settings.permissions;
  return granted.map((permission) => ({
    id: Buffer.from(appRoleId(permission).replaceAll('-', ''), 'hex').toString('base64url'),
    deletedDateTime: null,
    appRoleId: appRoleId(permission),
    createdDateTime: new Date(0).toISOString(),
    principalDisplayName: principal.properties.displayName,
    principalId: principal.id,
    principalType: 'ServicePrincipal',
    resourceDisplayName: 'Microsoft Graph',
    resourceId: graphPrincipalId,
  }));
}

/** The app's directory roles, those of the tenant's own rows aside. */
export function rolesOf(principal: Entity, settings: Settings, tenant: Tenant): readonly Entity[] {
  if (!isOwn(principal)) return [];
  return settings.directoryRoles.flatMap((name): Entity[] => {
    const role = findBuiltInRole(name);
    if (role === undefined) return [];
    const activated = tenant.ofType('directoryRole').find(({ properties }) => properties.roleTemplateId === role.id);
    return [
      activated ??
        entity('directoryRole', stableId(`activated role ${role.id}`), {
          displayName: role.displayName,
          roleTemplateId: role.id,
        }),
    ];
  });
}
