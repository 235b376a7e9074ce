/** The organization and its domains, as `settings` and the control doors have them. */
import type { Call, Route } from '../request.ts';
import { graphType } from '../schema/schema.ts';
import type { Row } from '../tenant/entity.ts';
import { organizationOf } from '../tenant/organization.ts';
import { rowRoutes } from './rows.ts';

export const organizationRoutes: readonly Route[] = [
  ...rowRoutes('/organization', 'organization', 'organization', (call) => [describeOrganization(call)]),
  ...rowRoutes('/domains', 'domain', 'domains', (call) => domains(call)),
];

function describeOrganization(call: Call): Row {
  const empty = [...graphType('organization').properties].map(([name, type]) => [name, type.collection ? [] : null]);
  const verifiedDomains = call.settings.domains.map(({ id, federated }, at) => ({
    capabilities: 'Email, OfficeCommunicationsOnline',
    isDefault: at === 0,
    isInitial: at === 0,
    name: id,
    type: federated ? 'Federated' : 'Managed',
  }));
  return {
    ...Object.fromEntries(empty),
    mobileDeviceManagementAuthority: 'unknown',
    tenantType: 'AAD',
    verifiedDomains,
    ...organizationOf(call.tenant),
  };
}

function domains(call: Call): readonly Row[] {
  return call.settings.domains.map(({ id, federated }, at) => ({
    id,
    authenticationType: federated ? 'Federated' : 'Managed',
    availabilityStatus: null,
    isAdminManaged: true,
    isDefault: at === 0,
    isInitial: at === 0,
    isRoot: true,
    isVerified: true,
    manufacturer: null,
    model: null,
    passwordNotificationWindowInDays: 14,
    passwordValidityPeriodInDays: 2147483647,
    state: null,
    supportedServices: ['Email', 'OfficeCommunicationsOnline'],
  }));
}
