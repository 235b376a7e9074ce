/**
 * What a seed writes to. Seeds describe a tenant through this narrow door, one object or link at a time, so that a large
 * one streams straight into the store and no seed knows how the store keeps things.
 */
import type { Sku } from '../settings.ts';

export type SeedType = 'user' | 'group' | 'administrativeUnit' | 'device' | 'servicePrincipal';
export type SeedRelation = 'members' | 'owners' | 'manager' | 'sponsors';

export interface SeedSink {
  skus(skus: readonly Sku[]): void;
  /** An object with its id and Graph properties; nothing is checked, read-only properties may be given. */
  object(type: SeedType, id: string, properties: Readonly<Record<string, unknown>>): void;
  /** `source` is the group, unit or user that has the relation; `target` the member, owner, manager or sponsor. */
  link(relation: SeedRelation, source: string, target: string): void;
  /** `scope`: `/` or `/administrativeUnits/{id}`. */
  roleAssignment(id: string, roleDefinitionId: string, principalId: string, scope: string): void;
  eligibleRole(
    id: string,
    roleDefinitionId: string,
    principalId: string,
    scope: string,
    endDateTime: string | null,
  ): void;
  customRole(id: string, displayName: string, description: string, actions: readonly string[]): void;
  /** A direct licence of a user, or one a group hands to its members. */
  license(ownerId: string, skuId: string, disabledPlans: readonly string[]): void;
  /** An account of the Active Directory beside the tenant, by Graph property names plus `anchor` (Base64). */
  onPremisesUser(anchor: string, properties: Readonly<Record<string, unknown>>, managerAnchor?: string): void;
  onPremisesGroup(anchor: string, connectedId: string, displayName: string, members: readonly string[]): void;
  /** An app role that a user has; `resourceId` is the service principal that declares it. */
  appRole(id: string, appRoleId: string, userId: string, resourceId: string): void;
  /** A mobile phone registered as an authentication method. */
  phone(userId: string, number: string): void;
  /** A JPEG. */
  photo(userId: string, bytes: Uint8Array): void;
}
