/** Laying the snapshot over a live object: attributes and photo; and the words in which every try of an object ends. */
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { writeAttributes } from './attribute-writing.ts';
import type { JobContext } from './job-context.ts';
import type { ObjectPlan } from './object-plan.ts';
import type { AttributeOutcome, ObjectOutcome } from './outcome.ts';
import { restorePhoto } from './photo.ts';
import type { Reason } from './reasons.ts';

export type Base = Pick<ObjectOutcome, 'kind' | 'id' | 'displayName' | 'external' | 'hybrid'>;
/** An outcome, or the reason for which it is worth another try; `mayAppear`: of what another one may have made and Graph does not show yet. */
export type Try =
  | { readonly outcome: ObjectOutcome }
  | { readonly outcome?: undefined; readonly reason: Reason; readonly mayAppear?: boolean };

export const ended = (base: Base, result: 'failed' | 'skipped', reason: Reason | undefined): ObjectOutcome => ({
  ...base,
  result,
  ...(reason === undefined ? {} : { reason }),
  actions: [],
  attributes: [],
});

/** @param before what was done to the object already, such as `undelete`. */
export async function overlay(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  plan: ObjectPlan,
  liveId: Id,
  base: Base,
  before: readonly string[],
): Promise<ObjectOutcome> {
  const written = await writeAttributes(context, definition, liveId, plan.attributes);
  const photo =
    definition.name === 'users'
      ? await restorePhoto(context, record.id, liveId, plan.leavesPhoto ? 'left' : 'live')
      : undefined;
  const attributes: AttributeOutcome[] = [...written, ...plan.skipped, ...(photo === undefined ? [] : [photo])];
  const actions = [
    ...before,
    ...(written.some(({ result }) => result === 'done') ? ['update'] : []),
    ...(photo?.result === 'done' ? ['photo'] : []),
  ];
  const begun = before.includes('create') ? 'created' : before.includes('undelete') ? 'undeleted' : undefined;
  const result = begun ?? (actions.length > 0 ? 'updated' : 'unchanged');
  return { ...base, newId: liveId, result, actions, attributes };
}
