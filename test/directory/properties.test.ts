/** Every property that Graph's schema declares of users and groups is captured, or stands here with the reason why not. */
import { expect, it } from 'vitest';
import { graphType } from '../../src/dev/simulator/schema/schema.ts';
import { kindOf } from '../../src/directory/kinds.ts';

const oneAtATime = 'Graph tells it of one object at a time';
const derived = 'follows from other properties';
const passing = 'changes by itself, and nobody wants an old one back';

const leftOut = {
  users: {
    ...of(oneAtATime, 'aboutMe birthday hireDate interests mailboxSettings mySite pastProjects preferredName'),
    ...of(oneAtATime, 'responsibilities schools skills print deviceEnrollmentLimit'),
    ...of(derived, 'assignedPlans provisionedPlans imAddresses isManagementRestricted legalAgeGroupClassification'),
    ...of(derived, 'securityIdentifier identityParentId'),
    ...of(
      passing,
      'deletedDateTime lastPasswordChangeDateTime onPremisesLastSyncDateTime onPremisesProvisioningErrors',
    ),
    ...of(passing, 'serviceProvisioningErrors signInActivity signInSessionsValidFromDateTime'),
    ...of('a secret', 'passwordProfile authorizationInfo'),
    ...of('kept where a connector includes it', 'customSecurityAttributes employeeLeaveDateTime'),
  },
  groups: {
    ...of(oneAtATime, 'accessType allowExternalSenders autoSubscribeNewMembers hideFromAddressLists'),
    ...of(oneAtATime, 'hideFromOutlookClients isArchived isFavorite isSubscribedByMail welcomeMessageEnabled'),
    ...of(oneAtATime, 'unseenConversationsCount unseenCount unseenMessagesCount'),
    ...of(derived, 'isManagementRestricted securityIdentifier organizationId infoCatalogs'),
    ...of(passing, 'deletedDateTime hasMembersWithLicenseErrors licenseProcessingState onPremisesLastSyncDateTime'),
    ...of(passing, 'onPremisesProvisioningErrors serviceProvisioningErrors'),
  },
} as const;

function of(reason: string, names: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, reason]));
}

it.each(['users', 'groups'] as const)('of %s', (name) => {
  const { type, captured } = kindOf(name);
  const declared = [...graphType(type).properties.keys()].filter((property) => property !== 'id').sort();
  expect([...captured, ...Object.keys(leftOut[name])].sort()).toEqual(declared);
});
