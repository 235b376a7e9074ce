/** A line of the audit log: one write to the directory. It names and refers; values stay in the blobs it refers to. Pure. */

import type { RoleHolding, Write, WriteResult } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { sha256Of } from '../storage/sha256.ts';

/** Whose writes they are. */
export interface AuditedJob {
  readonly connectorId: string;
  readonly jobId: string;
  readonly jobKind: string;
  readonly requestedBy: string;
  /** From which snapshot, and why, in the words of the request (R59). */
  readonly snapshotId?: string;
  readonly reason?: string;
}

export type ValuesAt = string | readonly string[];

/** A pass is no write of the port, since its answer is a secret. */
export type AuditedWrite = Write | { readonly write: 'pass'; readonly id: Id };

export interface AuditLine extends AuditedJob {
  /** The same for the same write of a job: one that was sent, or noted, twice can be told from two. */
  readonly writeId: string;
  /** When its outcome was known, ISO 8601 UTC. */
  readonly time: string;
  readonly what: AuditedWrite['write'];
  readonly kind?: string;
  /** Of a create or an invitation: the object's id in the snapshot. */
  readonly standsFor?: Id;
  /** The object that was written; absent where a create gave none. */
  readonly objectId?: Id;
  readonly attributes?: readonly string[];
  readonly relation?: string;
  readonly targetIds?: readonly Id[];
  /**
   * Where the values from before, and those that were written, are kept: a blob's name, or `snapshot` and its id. Of what hangs on an object (links,
   * roles, licences) both stand in its planned step; where one write carries out steps of several blobs, these are listed.
   */
  readonly before?: ValuesAt;
  readonly after?: ValuesAt;
  /** `done`, why it was not, or `unknown`: an earlier run of the same step died before it heard. */
  readonly outcome: 'done' | 'unknown' | Extract<WriteResult, { ok: false }>['problem'];
}

type Described = Pick<AuditLine, 'standsFor' | 'kind' | 'objectId' | 'attributes' | 'relation' | 'targetIds'>;

export function auditLine(
  job: AuditedJob,
  write: AuditedWrite,
  outcome: AuditLine['outcome'],
  more: { readonly time: string; readonly createdId?: Id; readonly before?: ValuesAt; readonly after?: ValuesAt },
): AuditLine {
  const { createdId, time, ...kept } = more;
  const described = describe(write);
  const same = described.standsFor ?? [
    described.objectId,
    described.attributes,
    described.relation,
    described.targetIds,
  ];
  return {
    writeId: sha256Of(JSON.stringify([job.jobId, write.write, same, kept.after])).slice(0, 32),
    time,
    ...job,
    what: write.write,
    ...described,
    ...(createdId === undefined ? {} : { objectId: createdId }),
    ...kept,
    outcome,
  };
}

const heldAs: Readonly<Record<RoleHolding, string>> = {
  active: 'roleAssignments',
  eligible: 'eligibleRoleAssignments',
  'active-in-group': 'assignedGroups',
  'eligible-in-group': 'eligibleGroups',
};

function describe(write: AuditedWrite): Described {
  switch (write.write) {
    case 'create':
      return {
        kind: write.kind,
        ...(write.standsFor === undefined ? {} : { standsFor: write.standsFor }),
        attributes: Object.keys(write.body).filter((name) => name !== 'passwordProfile'),
        ...(write.links === undefined ? {} : { targetIds: write.links.map(({ target }) => target) }),
      };
    case 'invite':
      return {
        kind: 'users',
        ...(write.standsFor === undefined ? {} : { standsFor: write.standsFor }),
        attributes: [...(write.displayName === undefined ? [] : ['displayName']), 'mail', 'userType'],
      };
    case 'undelete':
    case 'delete':
      return { kind: write.kind, objectId: write.id };
    case 'update':
      return { kind: write.kind, objectId: write.id, attributes: Object.keys(write.changes) };
    case 'link':
    case 'unlink': {
      const { relation, source } = write;
      const targetIds = write.write === 'link' ? write.targets : [write.target];
      return { kind: relationOf(relation).source, objectId: source, relation, targetIds };
    }
    case 'license': {
      const targetIds = [...write.add.map(({ skuId }) => skuId), ...write.remove];
      return { kind: write.kind, objectId: write.id, relation: 'licenses', targetIds };
    }
    case 'assign-role':
    case 'unassign-role': {
      const role = write.write === 'assign-role' ? write : write.assignment;
      const relation = heldAs[write.holding];
      return { objectId: role.principalId, relation, targetIds: [role.roleDefinitionId] };
    }
    case 'app-role':
      return { kind: 'users', objectId: write.id, relation: 'appRoleAssignments', targetIds: [write.resourceId] };
    case 'remove-app-role':
      return { kind: 'users', objectId: write.id, relation: 'appRoleAssignments', targetIds: [write.assignmentId] };
    case 'auth-method':
    case 'remove-auth-method':
      return { kind: 'users', objectId: write.id, relation: 'authenticationMethods', targetIds: [write.method.id] };
    case 'pass':
      return { kind: 'users', objectId: write.id, relation: 'authenticationMethods' };
    case 'photo':
    case 'remove-photo':
      return { kind: 'users', objectId: write.id, attributes: ['photo'] };
  }
}
