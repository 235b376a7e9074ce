/**
 * Users that an on-premises directory masters (restore-semantics 7): what each one's case is, and the words for it. Pure.
 * Graph does not show the on-premises directory, so whether an account is still there is the admin's to know.
 */
import { isEmpty, type JsonObject } from '../directory/record.ts';
import { isSynced, type Match } from './object-plan.ts';
import type { AttributeOutcome } from './outcome.ts';

export const hybridCases = [
  'recreated',
  'awaiting-sync',
  'taken-over',
  'adopted',
  'undeleted',
  'cloud-managed',
  'synced',
] as const;
export type HybridCase = (typeof hybridCases)[number];

/** The words of each case, for one user's note and, where a plan is to warn of it, for the job. */
export const hybridWords: Readonly<Partial<Record<HybridCase, string>>> = {
  recreated:
    'The user was synced: a cloud user is made, and a synchronization must follow. If the account is gone from Active Directory too, restore it there first.',
  'awaiting-sync': 'The recreated user is a cloud user until a synchronization takes it over.',
  'taken-over': 'Synchronization masters the user under its new id.',
  adopted:
    'Synchronization has made this user again: it is the same person by its anchor. Links and licences go onto the new id, attributes stay as synchronization has them.',
  undeleted: 'The user is brought back from the bin; a synchronization that has it in scope would do the same.',
  'cloud-managed':
    'The user was synced; its source of authority is in the cloud now, so every attribute is written, and the switch stays.',
};

/** The case of one user; undefined where neither the snapshot nor live knows it as synced. */
export function hybridCase(record: JsonObject, match: Match): HybridCase | undefined {
  if (match.how === 'none') return isSynced(record) ? 'recreated' : undefined;
  if (!('candidate' in match)) return undefined;
  const { body, state } = match.candidate;
  const isSyncedNow = isSynced(body);
  if (!isSynced(record) && !isSyncedNow) return undefined;
  if (state === 'deleted') return 'undeleted';
  if (match.how === 'id') return isSyncedNow ? 'synced' : 'cloud-managed';
  if (!isSyncedNow) return 'awaiting-sync';
  return match.how === 'anchor' ? 'adopted' : 'taken-over';
}

/** Whether synchronization must still take a user over; `live` undefined: it is only just made, or still to be. */
export const awaitsSync = (record: JsonObject | undefined, live: JsonObject | undefined): boolean =>
  record !== undefined && isSynced(record) && (live === undefined || !isSynced(live));

/** A just recreated object's body as far as the snapshot tells it: no synchronization has taken it over yet. */
export const asRecreated = (record: JsonObject): JsonObject => ({ ...record, onPremisesSyncEnabled: null });

export const isPending = (kind: HybridCase | undefined): boolean => kind === 'recreated' || kind === 'awaiting-sync';

export const carriesAnchor = (attributes: readonly AttributeOutcome[]): boolean =>
  attributes.some(({ name, result }) => name === 'onPremisesImmutableId' && result === 'done');

/** The note of one restored user: its case, how synchronization will find it (H05), and what only it can bring (H14). */
export function hybridNote(
  kind: HybridCase,
  record: JsonObject,
  attributes: readonly AttributeOutcome[],
): string | undefined {
  const words = [hybridWords[kind] ?? ''];
  if (kind === 'recreated' && !carriesAnchor(attributes))
    words.push(
      isEmpty(record.onPremisesImmutableId)
        ? 'The snapshot has no anchor of it: synchronization can only match it by name (soft match).'
        : 'The tenant did not take its anchor: synchronization can only match it by name (soft match).',
    );
  const fromSync = attributes.filter(({ reason }) => reason === 'attribute-read-only').map(({ name }) => name);
  if (kind !== 'cloud-managed' && fromSync.length > 0)
    words.push(`Only synchronization or Active Directory can bring: ${fromSync.join(', ')}.`);
  return words.join(' ').trim() || undefined;
}
