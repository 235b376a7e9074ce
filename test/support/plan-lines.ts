/** What a plan and a report have in common, in the same words: to be compared (R09). */
import type { Json } from './system.ts';

/** A line for each thing that is done or skipped, in words that a plan and a report have in common. */
export const line = (id: string, what: string, name: string, reason = 'done'): string =>
  `${id} ${what} ${name}: ${reason}`;

/** @param steps of a plan. */
export const planned = (steps: readonly Json[]): string[] =>
  steps.flatMap(({ objectId, action, attributes, relation, targetId = '', reason = 'done' }: Json): string[] => {
    const how = action === 'skip' ? reason : 'done';
    if (action === 'photo') return [line(objectId, 'attribute', 'photo')];
    const named = (attributes ?? []).map((name: string) => line(objectId, 'attribute', name, how));
    if (action === 'create') return [line(objectId, 'object', 'create'), ...named];
    if (attributes !== undefined) return named;
    if (relation !== undefined) return [line(objectId, relation, targetId, how)];
    return [line(objectId, 'object', action === 'skip' ? '' : action, how)];
  });

/** @param objects of a report. */
export const reported = (objects: readonly Json[]): string[] =>
  objects.flatMap(({ id, result, reason, actions, attributes, links }: Json): string[] => [
    ...actions
      .filter((action: string) => action === 'create' || action === 'undelete')
      .map((action: string) => line(id, 'object', action)),
    ...(result === 'skipped' || result === 'failed' ? [line(id, 'object', '', reason)] : []),
    ...attributes.map((one: Json) => line(id, 'attribute', one.name, one.reason)),
    ...links.map((one: Json) => line(id, one.relation, one.targetId, one.reason)),
  ]);
