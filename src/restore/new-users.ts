/**
 * What the request decides of users that are made anew, in place of the snapshot's word: whether their accounts are enabled. Pure. The plan, the
 * creation, the proof and the undo all ask here, so that a user who begins as decided is no mismatch.
 */
import type { KindName } from '../directory/kinds.ts';
import type { DirectoryRecord, Json } from '../directory/record.ts';
import type { Match } from './object-plan.ts';
import type { RestoreRequest } from './request.ts';

type Decision = Pick<RestoreRequest, 'newUsers'>;

const withEnabled = ({ id, body }: DirectoryRecord, accountEnabled: Json | undefined): DirectoryRecord => ({
  id,
  body: { ...body, ...(accountEnabled === undefined ? {} : { accountEnabled }) },
});

/** The record as a new object is to have it. */
export function asDecided({ newUsers }: Decision, kind: KindName, record: DirectoryRecord): DirectoryRecord {
  if (kind !== 'users' || newUsers.accountEnabled === 'as-in-snapshot') return record;
  return withEnabled(record, newUsers.accountEnabled);
}

/** The record as the restore wants it of its match: whom an earlier one made anew stays enabled, or not, as somebody has left that since. */
export function wantedOf(decision: Decision, kind: KindName, record: DirectoryRecord, match: Match): DirectoryRecord {
  if (match.how === 'none') return asDecided(decision, kind, record);
  const decides = kind === 'users' && decision.newUsers.accountEnabled !== 'as-in-snapshot';
  if (!decides || match.how !== 'ledger' || !('candidate' in match)) return record;
  return withEnabled(record, match.candidate.body.accountEnabled);
}
