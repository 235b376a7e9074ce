/**
 * Objects so young that Graph may not know them everywhere: links to them are answered 404 or 400 for some seconds (graph-facts 4.4),
 * which then means "try again", where for older objects it means no.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Write, WriteResult } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { isOver } from '../directory/roles.ts';

type Failure = Extract<WriteResult, { ok: false }>;

const youthMs = 60_000;

/** Of the writes that a refusal without any reason can mean replication for (graph-facts 4.4). No read shows whether licences know a user's location. */
const whenShown: Partial<Record<Write['write'], number>> = { link: 1 / 6, 'assign-role': 1 / 6, license: 1 };

export interface Youth {
  /** Takes note of an object that was created or undeleted just now. */
  born(write: Write, result: WriteResult): void;
  /**
   * How long a failure may be one of replication only, as a part of the longest wait. An end that is not shown takes all of it; where all are
   * shown, and Graph does not say what it dislikes, other replicas can only be seconds behind. A right, a limit or a value does not come by waiting, and an end that has passed
   * does not come back.
   */
  patience(write: Write, failure: Failure): number;
}

/** Knows what this process has made within the last minute. @param now the tenant's time. */
export function createYouth(now: Clock): Youth {
  const young = new LRUCache<Id, true>({ max: 20_000, ttl: youthMs });
  return {
    born(write, result) {
      if (!result.ok) return;
      const isNew = write.write === 'create' || write.write === 'invite';
      const id = isNew ? result.id : write.write === 'undelete' ? write.id : undefined;
      if (id !== undefined) young.set(id, true);
    },
    patience(write, { problem, graphCode, property }) {
      if (property === 'resourceId' || hasEnded(write, now()) || !ends(write).some((id) => young.has(id))) return 0;
      if (problem === 'missing') return 1;
      const isVague = problem === 'refused' && graphCode === 'Request_BadRequest' && property === undefined;
      return isVague ? (whenShown[write.write] ?? 0) : 0;
    },
  };
}

const hasEnded = (write: Write, now: Date): boolean => write.write === 'assign-role' && isOver(write.endDateTime, now);

/** The objects a write needs to be known; none for writes that do not wait (a new user's photo is its caller's affair). */
function ends(write: Write): readonly Id[] {
  switch (write.write) {
    case 'update':
    case 'license':
    case 'auth-method':
      return [write.id];
    case 'app-role':
      return [write.id];
    case 'link':
      return [write.source, ...write.targets];
    case 'assign-role': {
      const scope = write.directoryScopeId;
      return [write.principalId, write.roleDefinitionId, scope.slice(scope.lastIndexOf('/') + 1)];
    }
    default:
      return [];
  }
}
