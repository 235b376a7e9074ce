/** The routes of licences: assignLicense of users and groups, licenseDetails, subscribedSkus (graph-facts 4.4). */

import { badRequest } from '../errors.ts';
import { allowOptions, readBody, readSelect } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, param, type Route } from '../request.ts';
import { graphType, isGuid } from '../schema/schema.ts';
import { stableId } from '../seed/stable-id.ts';
import type { Sku } from '../settings.ts';
import { tenantIdOf } from '../tenant/organization.ts';
import { followRules } from './dynamic-groups.ts';
import { kindOf } from './kinds.ts';
import { derivedLicenses } from './license-state.ts';
import { groupLicenses, inheritByAll, type LicenseGrant, requireSku, setDirectLicenses } from './licensing.ts';
import { findLive, findReadable } from './lookup.ts';
import { checkSelect, render } from './render.ts';
import { rowRoutes } from './rows.ts';

/** What is kept outside the directory, or shows only to a permission of its own. */
const keptElsewhere: ReadonlySet<string> = new Set([
  ...kindOf('user').singleOnly,
  'cloudLicensing',
  'customSecurityAttributes',
  'deviceEnrollmentLimit',
  'employeeLeaveDateTime',
  'print',
  'signInActivity',
]);

export const licenseRoutes: readonly Route[] = [
  { method: 'POST', template: '/users/{id}/assignLicense', handle: assignToUser },
  { method: 'POST', template: '/groups/{id}/assignLicense', handle: assignToGroup },
  { method: 'GET', template: '/users/{id}/licenseDetails', handle: listDetails },
  ...rowRoutes('/subscribedSkus', 'subscribedSku', 'subscribedSkus', (call) =>
    call.settings.skus.map((sku) => describeSku(call, sku)),
  ),
];

function readGrants(call: Call): { readonly add: readonly LicenseGrant[]; readonly remove: readonly string[] } {
  const { addLicenses, removeLicenses, ...others } = readBody(call);
  const [other] = Object.keys(others);
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of the action 'assignLicense'.`);
  if (!Array.isArray(addLicenses) || !Array.isArray(removeLicenses)) {
    throw badRequest("The action 'assignLicense' needs both 'addLicenses' and 'removeLicenses'.");
  }
  const add = addLicenses.map((one: unknown): LicenseGrant => {
    const {
      skuId,
      disabledPlans = [],
      ...more
    } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    const [unknown] = Object.keys(more).filter((name) => !name.startsWith('@odata.'));
    if (unknown !== undefined)
      throw badRequest(`Invalid property '${unknown}' of type 'microsoft.graph.assignedLicense'.`);
    if (!isGuid(skuId) || !Array.isArray(disabledPlans) || !disabledPlans.every(isGuid))
      throw badRequest('Invalid value in addLicenses.');
    return { skuId: skuId.toLowerCase(), disabledPlans: disabledPlans.map((plan) => plan.toLowerCase()) };
  });
  if (!removeLicenses.every(isGuid)) throw badRequest('Invalid value in removeLicenses.');
  return { add, remove: removeLicenses.map((id) => id.toLowerCase()) };
}

function assignToUser(call: Call): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  const { add, remove } = readGrants(call);
  const { tenant } = call;
  tenant.transact(() => {
    setDirectLicenses(call, user, add, remove);
    followRules(call, user);
  });
  const shown = render(call, tenant.get(user.id) ?? user, shownAfterwards);
  return json({ '@odata.context': contextUrl('users/$entity'), ...shown });
}

/** The action answers with the whole user of the directory, the licences above all (L:api/user-assignlicense). */
const shownAfterwards = [...graphType('user').properties.keys()].filter((name) => !keptElsewhere.has(name));

/** How the directory below Graph names the type. */
const directoryGroup = 'Microsoft.DirectoryServices.Group';

function assignToGroup(call: Call): GraphResponse {
  const group = findLive(call, 'group', param(call, 0));
  const { add, remove } = readGrants(call);
  if (group.properties.securityEnabled !== true) {
    throw badRequest('Licenses can be assigned to security-enabled groups only.');
  }
  const before = groupLicenses(group);
  for (const skuId of remove) {
    if (!before.some((grant) => grant.skuId === skuId))
      throw badRequest('Group does not have a corresponding license.');
  }
  for (const { skuId, disabledPlans } of add) requireSku(call, skuId, disabledPlans);
  const kept = before.filter(({ skuId }) => !remove.includes(skuId) && !add.some((grant) => grant.skuId === skuId));
  const { tenant } = call;
  tenant.transact(() => {
    tenant.update(group.id, {
      assignedLicenses: [...kept, ...add],
      licenseProcessingState: { state: 'ProcessingComplete' },
    });
    inheritByAll(call, group.id);
    for (const id of [...tenant.targets('members', group.id).keys()]) {
      const member = tenant.live(id);
      if (member?.type === 'user') followRules(call, member);
    }
  });
  return json(
    { '@odata.context': contextUrl('groups/$entity'), ...render(call, tenant.get(group.id) ?? group, null) },
    202,
    { Location: `https://graph.microsoft.com/v2/${tenantIdOf(tenant)}/directoryObjects/${group.id}/${directoryGroup}` },
  );
}

function listDetails(call: Call): GraphResponse {
  allowOptions(call, ['$select']);
  const user = findReadable(call, 'user', param(call, 0));
  const select = readSelect(call);
  if (select !== null) checkSelect('licenseDetails', select);
  const value = derivedLicenses(user).map(({ skuId, disabledPlans }) => {
    const sku = call.settings.skus.find((candidate) => candidate.skuId === skuId);
    const servicePlans = (sku?.servicePlans ?? []).map((plan) => ({
      servicePlanId: plan.servicePlanId,
      servicePlanName: plan.servicePlanName,
      provisioningStatus: disabledPlans.includes(plan.servicePlanId) ? 'Disabled' : 'Success',
      appliesTo: 'User',
    }));
    const all: Record<string, unknown> = {
      id: stableId(`${user.id}_${skuId}`),
      skuId,
      skuPartNumber: sku?.skuPartNumber ?? '',
      servicePlans,
    };
    return select === null ? all : Object.fromEntries(select.map((name) => [name, all[name]]));
  });
  return json({ '@odata.context': contextUrl(`users('${user.id}')/licenseDetails`), value });
}

function describeSku(call: Call, sku: Sku): Record<string, unknown> {
  const tenantId = tenantIdOf(call.tenant);
  return {
    id: `${tenantId}_${sku.skuId}`,
    accountId: tenantId,
    accountName: 'Contoso',
    appliesTo: 'User',
    capabilityStatus: 'Enabled',
    consumedUnits: call.tenant.seats(sku.skuId),
    prepaidUnits: { enabled: sku.enabled, lockedOut: 0, suspended: 0, warning: 0 },
    servicePlans: (sku.servicePlans ?? []).map((plan) => ({
      servicePlanId: plan.servicePlanId,
      servicePlanName: plan.servicePlanName,
      provisioningStatus: 'Success',
      appliesTo: 'User',
    })),
    skuId: sku.skuId,
    skuPartNumber: sku.skuPartNumber,
    subscriptionIds: [stableId(`subscription ${sku.skuId}`)],
  };
}
