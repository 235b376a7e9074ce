/** Each write of the port in its documented form (graph-facts 4.1, 4.4, 5), and what Graph's answer to it means. */

import {
  type GiveWay,
  isInGroup,
  type RoleAssignment,
  type RoleHolding,
  type Write,
  type WriteResult,
} from '../directory/gateway.ts';
import { writable } from '../directory/guarded-properties.ts';
import { kindOf } from '../directory/kinds.ts';
import type { Id, JsonObject } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { type DetailItem, registrationOf } from '../directory/user-details.ts';
import { AppError } from '../errors.ts';
import { type Answer, address, type Call, isOk } from './call.ts';
import { errorOf, graphProblem } from './errors.ts';
import { permissionFor } from './permissions.ts';

/** @param root endpoint with version, in front of `@odata.id` references. @param portal where accepted invitations lead. */
export function callOf(write: Write, root: string, portal: string): Call {
  switch (write.write) {
    case 'invite':
      return inviteCall(write, portal);
    case 'create':
      return {
        method: 'POST',
        ...address(kindOf(write.kind).collection, []),
        body: { ...write.body, ...boundTo(write.links ?? [], root) },
        repeatable: false,
      };
    case 'undelete':
      return {
        method: 'POST',
        ...address('/directory/deletedItems/{id}/restore', [write.id]),
        ...(write.giveWay === undefined ? {} : { body: giveWayBody(write.giveWay) }),
        object: write.id,
        repeatable: false,
      };
    case 'delete':
      return {
        method: 'DELETE',
        ...address(`${kindOf(write.kind).collection}/{id}`, [write.id]),
        object: write.id,
        repeatable: true,
      };
    case 'update':
      return {
        method: 'PATCH',
        ...address(`${kindOf(write.kind).collection}/{id}`, [write.id]),
        body: writable(write.changes),
        object: write.id,
        repeatable: true,
      };
    case 'link':
      return linkCall(write, root);
    case 'unlink':
      return unlinkCall(write);
    case 'license':
      return {
        method: 'POST',
        ...address(`${kindOf(write.kind).collection}/{id}/assignLicense`, [write.id]),
        body: { addLicenses: write.add.map((licence) => ({ ...licence })), removeLicenses: write.remove },
        object: write.id,
        // Assigning what is assigned changes nothing; removing what is not assigned is an error.
        repeatable: write.remove.length === 0,
      };
    case 'assign-role':
      return roleCall(write);
    case 'unassign-role':
      return unassignCall(write);
    case 'auth-method':
      return methodCall(write);
    case 'remove-auth-method':
      return {
        method: 'DELETE',
        ...address(`/users/{id}/authentication/${registrationFor(write.method).collection}/{id}`, [
          write.id,
          write.method.id,
        ]),
        object: write.id,
        repeatable: true,
      };
    case 'app-role':
      return {
        method: 'POST',
        ...address('/users/{id}/appRoleAssignments', [write.id]),
        body: { principalId: write.id, resourceId: write.resourceId, appRoleId: write.appRoleId },
        object: write.id,
        repeatable: false,
      };
    case 'remove-app-role':
      return {
        method: 'DELETE',
        ...address('/users/{id}/appRoleAssignments/{id}', [write.id, write.assignmentId]),
        object: write.id,
        repeatable: true,
      };
    case 'remove-photo':
      return {
        method: 'DELETE',
        ...address('/users/{id}/photo/$value', [write.id]),
        object: write.id,
        repeatable: true,
      };
    case 'photo':
      return {
        method: 'PUT',
        ...address('/users/{id}/photo/$value', [write.id]),
        content: write.photo,
        object: write.id,
        repeatable: true,
      };
  }
}

/** Whoever was invited to nothing but this is told by people, not by a message that nobody expects (L:api/invitation-post). */
const inviteCall = (
  { address: invitedUserEmailAddress, displayName, userType }: Extract<Write, { write: 'invite' }>,
  inviteRedirectUrl: string,
): Call => ({
  method: 'POST',
  ...address('/invitations', []),
  body: {
    invitedUserEmailAddress,
    ...(displayName === undefined ? {} : { invitedUserDisplayName: displayName }),
    invitedUserType: userType,
    inviteRedirectUrl,
    sendInvitationMessage: false,
  },
  repeatable: false,
});

/** Where what is held by schedule is asked for, and taken back. */
const requests: Readonly<Record<RoleHolding, string>> = {
  active: '/roleManagement/directory/roleAssignmentScheduleRequests',
  eligible: '/roleManagement/directory/roleEligibilityScheduleRequests',
  'active-in-group': '/identityGovernance/privilegedAccess/group/assignmentScheduleRequests',
  'eligible-in-group': '/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests',
};

/** What is held, in Graph's words. */
function heldBy(holding: RoleHolding, { principalId, roleDefinitionId, directoryScopeId }: Omit<RoleAssignment, 'id'>) {
  return isInGroup(holding)
    ? { principalId, groupId: roleDefinitionId, accessId: directoryScopeId }
    : { principalId, roleDefinitionId, directoryScopeId };
}

/**
 * An active role for good is a plain assignment; whatever is eligible, or ends, is asked for by schedule (graph-facts 4.4). To assign what is
 * assigned is refused whatever its end is; `adminUpdate` changes that (L:api/rbacapplication-post-roleassignmentschedulerequests,
 * L:api/privilegedaccessgroup-post-eligibilityschedulerequests).
 */
function roleCall(write: Extract<Write, { write: 'assign-role' }>): Call {
  const { principalId, holding, startDateTime, endDateTime, changesEnd = false } = write;
  const role = heldBy(holding, write);
  const post = { method: 'POST', object: principalId, repeatable: false } as const;
  if (holding === 'active' && endDateTime === undefined && !changesEnd)
    return { ...post, ...address('/roleManagement/directory/roleAssignments', []), body: role };
  const expiration = endDateTime === undefined ? { type: 'noExpiration' } : { type: 'afterDateTime', endDateTime };
  const body = {
    action: changesEnd ? 'adminUpdate' : 'adminAssign',
    ...role,
    justification: 'Restored from a snapshot',
    scheduleInfo: { startDateTime, expiration },
  };
  return { ...post, ...address(requests[holding], []), body };
}

function unassignCall({ assignment, holding }: Extract<Write, { write: 'unassign-role' }>): Call {
  const { id, principalId } = assignment;
  if (holding === 'active')
    return {
      method: 'DELETE',
      ...address('/roleManagement/directory/roleAssignments/{id}', [id]),
      object: principalId,
      repeatable: true,
    };
  return {
    method: 'POST',
    ...address(requests[holding], []),
    body: {
      action: 'adminRemove',
      ...heldBy(holding, assignment),
      justification: 'Rolled back to a snapshot',
    },
    object: principalId,
    repeatable: false,
  };
}

function methodCall({ id, method }: Extract<Write, { write: 'auth-method' }>): Call {
  const registration = registrationFor(method);
  return {
    method: 'POST',
    ...address(`/users/{id}/authentication/${registration.collection}`, [id]),
    body: registration.body,
    object: id,
    repeatable: false,
  };
}

function registrationFor(method: DetailItem): NonNullable<ReturnType<typeof registrationOf>> {
  const registration = registrationOf(method);
  if (registration === undefined) throw new AppError('invalid-input', `no app can register a ${method.type}`);
  return registration;
}

const giveWayBody = ({ rename, losesAddresses }: GiveWay): JsonObject => ({
  ...(losesAddresses === true ? { autoReconcileProxyConflict: true } : {}),
  ...(rename === undefined ? {} : { newUserPrincipalName: rename }),
});

const referenceTo = (id: Id, root: string): string => `${root}/directoryObjects/${encodeURIComponent(id)}`;

/** Links as part of a creation's body, each relation by its name. */
function boundTo(links: NonNullable<Extract<Write, { write: 'create' }>['links']>, root: string): JsonObject {
  const byRelation = Map.groupBy(links, ({ relation }) => relationOf(relation).forward);
  return Object.fromEntries(
    [...byRelation].map(([name, some]) => [`${name}@odata.bind`, some.map(({ target }) => referenceTo(target, root))]),
  );
}

function linkCall({ relation: name, source, targets }: Extract<Write, { write: 'link' }>, root: string): Call {
  const relation = relationOf(name);
  if (targets.length === 0 || targets.length > relation.targetsPerWrite) {
    throw new AppError('invalid-input', `one write links 1 to ${relation.targetsPerWrite} ${name}`);
  }
  const route = `${kindOf(relation.source).collection}/{id}`;
  const links = targets.map((id) => referenceTo(id, root));

  if (relation.targetsPerWrite > 1) {
    const body: JsonObject = { [`${relation.forward}@odata.bind`]: links };
    return { method: 'PATCH', ...address(route, [source]), body, repeatable: false, object: source };
  }
  const body: JsonObject = { '@odata.id': links[0] ?? '' };
  const at = address(`${route}/${relation.forward}/$ref`, [source]);
  return relation.single
    ? { method: 'PUT', ...at, body, repeatable: true, object: source }
    : { method: 'POST', ...at, body, repeatable: false, object: source };
}

function unlinkCall({ relation: name, source, target }: Extract<Write, { write: 'unlink' }>): Call {
  const relation = relationOf(name);
  const route = `${kindOf(relation.source).collection}/{id}/${relation.forward}`;
  const at = relation.single ? address(`${route}/$ref`, [source]) : address(`${route}/{id}/$ref`, [source, target]);
  return { method: 'DELETE', ...at, object: source, repeatable: true };
}

/** Repeated after a lost answer, they find that there is nothing left to remove. */
const removing: readonly Write['write'][] = [
  'unlink',
  'unassign-role',
  'delete',
  'remove-app-role',
  'remove-auth-method',
  'remove-photo',
];

/** @throws AppError `unauthorized`: then it is not this write that failed. */
export function resultOf(write: Write, call: Call, answer: Answer): WriteResult {
  const { status, body } = answer;
  if (isOk(answer)) {
    const { invitedUser, ...own } = (body ?? {}) as JsonObject;
    const made = write.write === 'invite' ? ((invitedUser ?? {}) as JsonObject) : own;
    const id: Id | undefined = typeof made.id === 'string' ? made.id : undefined;
    return id === undefined || write.write === 'license' ? { ok: true } : { ok: true, id };
  }
  if (status === 401) throw errorOf(call, answer);
  if (removing.includes(write.write) && status === 404 && answer.repeated === true) return { ok: true };
  const { code, target } = graphProblem(answer);
  const problem = problemOf(answer);
  return {
    ok: false,
    problem,
    ...(problem === 'forbidden' ? { permission: permissionFor(write) } : {}),
    ...(target === undefined ? {} : { property: target }),
    ...(status === 0 ? {} : { status }),
    ...(code === undefined ? {} : { graphCode: code }),
  };
}

function problemOf(answer: Answer): Extract<WriteResult, { ok: false }>['problem'] {
  const { code, details } = graphProblem(answer);
  const { status } = answer;
  if (status === 0 || (status >= 500 && status !== 501)) return 'uncertain';
  if (status === 429) return 'throttled';
  if (status === 404) return 'missing';
  if (code === 'RoleAssignmentExists') return 'conflict';
  if (status === 403) return code === 'Directory_QuotaExceeded' ? 'refused' : 'forbidden';
  if (details.includes('ObjectConflict')) return 'conflict';
  if (status === 409) return code === 'Directory_ConcurrencyViolation' ? 'refused' : 'conflict';
  return 'refused';
}
