/** Writes a seed into the tenant's store: the one place that knows how the store keeps what seeds describe. */

import { createActiveDirectory } from '../on-premises/active-directory.ts';
import type { LicenseState } from '../resources/license-state.ts';
import { putPhoto } from '../resources/photos.ts';
import { assignRole } from '../resources/role-assigning.ts';
import type { Sku } from '../settings.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { SeedSink } from './sink.ts';

export interface TenantSink extends SeedSink {
  /** Hands group licences to the members, once all links are there. */
  finish(): void;
}

/** The id that every user's mobile phone has (graph-facts 3.4). */
const mobilePhoneId = '3179e48a-750b-4051-897c-87b9720928f7';
const seededSince = '2025-03-03T08:05:00Z';

/** A sink into an empty tenant; everything it does belongs inside `tenant.fill`. `buy` sets the tenant's SKUs. */
export function createTenantSink(tenant: Tenant, buy: (skus: readonly Sku[]) => void): TenantSink {
  const directory = createActiveDirectory(tenant);
  const states = new Map<string, readonly LicenseState[]>();
  const shared = new Map<string, readonly LicenseState[]>();
  const groupLicenses = new Map<string, Array<{ skuId: string; disabledPlans: readonly string[] }>>();
  const addState = (userId: string, skuId: string, disabledPlans: readonly string[], group: string | null): void => {
    // One object for all who hold the same: a large tenant has hundreds of thousands of equal ones.
    const key = JSON.stringify([skuId, disabledPlans, group]);
    const state = shared.get(key) ?? [
      {
        skuId,
        assignedByGroup: group,
        disabledPlans,
        state: 'Active',
        error: 'None',
        lastUpdatedDateTime: seededSince,
      },
    ];
    shared.set(key, state);
    const held = states.get(userId);
    states.set(userId, held === undefined ? state : [...held, ...state]);
  };
  return {
    skus: buy,
    object: (type, id, properties) => void tenant.create(type, id, properties),
    link: (relation, source, target) => tenant.link(relation, source, target),
    roleAssignment: (id, roleDefinitionId, principalId, directoryScopeId) =>
      assignRole(tenant, { id, roleDefinitionId, principalId, directoryScopeId }),
    eligibleRole: (id, roleDefinitionId, principalId, directoryScopeId, endDateTime) =>
      tenant.put('roleEligibility', id, {
        id,
        roleDefinitionId,
        principalId,
        directoryScopeId,
        startDateTime: seededSince,
        endDateTime,
      }),
    customRole: (id, displayName, description, actions) =>
      tenant.put('roleDefinition', id, {
        id,
        displayName,
        description,
        templateId: id,
        isBuiltIn: false,
        isEnabled: true,
        version: null,
        resourceScopes: ['/'],
        rolePermissions: [{ allowedResourceActions: actions, condition: null }],
      }),
    license: (ownerId, skuId, disabledPlans) => {
      if (tenant.get(ownerId)?.type !== 'group') addState(ownerId, skuId, disabledPlans, null);
      else groupLicenses.set(ownerId, [...(groupLicenses.get(ownerId) ?? []), { skuId, disabledPlans }]);
    },
    onPremisesUser: (anchor, properties, managerAnchor) =>
      directory.putAccount({ anchor, properties, ...(managerAnchor === undefined ? {} : { managerAnchor }) }),
    onPremisesGroup: (anchor, connectedId, displayName, members) =>
      directory.putGroup({ anchor, connectedId, displayName, members }),
    appRole: (id, appRoleId, principalId, resourceId) =>
      tenant.put('appRoleAssignment', id, {
        id,
        appRoleId,
        createdDateTime: seededSince,
        principalId,
        principalType: 'User',
        resourceId,
      }),
    phone: (userId, phoneNumber) =>
      tenant.put('authenticationMethod', `${userId}/${mobilePhoneId}`, {
        '@odata.type': '#microsoft.graph.phoneAuthenticationMethod',
        id: mobilePhoneId,
        phoneNumber,
        phoneType: 'mobile',
        smsSignInState: 'notConfigured',
      }),
    photo: (userId, bytes) => putPhoto(tenant, userId, bytes),
    finish: () => {
      for (const [group, licenses] of groupLicenses) {
        tenant.update(group, { assignedLicenses: licenses });
        for (const member of tenant.targets('members', group).keys()) {
          if (tenant.get(member)?.type !== 'user') continue;
          for (const { skuId, disabledPlans } of licenses) addState(member, skuId, disabledPlans, group);
        }
      }
      for (const [user, list] of states) tenant.update(user, { licenseAssignmentStates: list });
    },
  };
}
