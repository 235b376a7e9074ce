/** The one organization of a tenant, and its fixed ids. Two empty tenants are equal, so these are no random ids. */
import type { Row } from './entity.ts';
import type { Tenant } from './tenant.ts';

export const tenantId = '5d6e1f0c-7a52-4c0b-9d5e-3b8f4a6c2e10';
/** The product's own app registration and its service principal. */
export const appClientId = '8f0c2b7e-41d9-4c65-a2f3-6e9d0b5a7c31';

export const tenantIdOf = (tenant: Tenant): string => String(organizationOf(tenant).id);

/** The organization's properties as kept; a tenant that was just emptied has the plain ones. */
export function organizationOf(tenant: Tenant): Row {
  return tenant.row('organization', 'current') ?? { id: tenantId, displayName: 'Contoso', countryLetterCode: 'US' };
}
