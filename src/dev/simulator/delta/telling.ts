/** How an object and its links are told: whole, or what changed, or that it is gone; as many links as a page still takes. */
import type { Call } from '../request.ts';
import { withSameType } from '../resources/extension-types.ts';
import { propertyValue, renderSet } from '../resources/render.ts';
import type { DirectoryType, Entity, Relation } from '../tenant/entity.ts';
import { type DeltaStream, wanted } from './asking.ts';
import type { ChangedObject } from './changes.ts';
import type { DeltaToken } from './token.ts';

/** Objects and links that still fit on a page. */
export interface Room {
  objects: number;
  links: number;
}

/** Adds all links of an object that fit; returns where to go on when some did not. */
export function addLinks(
  call: Call,
  body: Record<string, unknown>,
  entity: Entity,
  relations: readonly Relation[],
  inside: DeltaToken['inside'],
  room: Room,
): DeltaToken['inside'] {
  let skipping = inside !== null;
  for (const relation of relations) {
    if (skipping && relation !== inside?.relation) continue;
    const after = skipping ? (inside?.after ?? -1) : -1;
    skipping = false;
    const told: object[] = [];
    let last = after;
    for (const [target, number] of call.tenant.targets(relation, entity.id)) {
      if (number <= after) continue;
      if (room.links <= 0) {
        if (told.length > 0) body[`${relation}@delta`] = told;
        return { relation, after: last };
      }
      told.push(linkEntry(call, target, 'user', true));
      last = number;
      room.links -= 1;
    }
    if (told.length > 0) body[`${relation}@delta`] = told;
  }
  return null;
}

/** Adds what was unlinked from a restored object: a reader may never have been told that it was gone in between. */
function addRemoved(
  call: Call,
  body: Record<string, unknown>,
  object: ChangedObject,
  relations: readonly Relation[],
): void {
  for (const relation of relations) {
    const present = call.tenant.targets(relation, object.id);
    const removed = [...(object.links.get(relation) ?? [])]
      .filter(([target]) => !present.has(target))
      .map(([target, type]) => linkEntry(call, target, type, false));
    if (removed.length === 0) continue;
    const told = (body[`${relation}@delta`] as readonly object[] | undefined) ?? [];
    body[`${relation}@delta`] = [...told, ...removed];
  }
}

/** What a round tells of an object; null when nothing that was asked for changed. `rest`: where to go on when links were left. */
export function tellChange(
  call: Call,
  stream: DeltaStream,
  token: DeltaToken,
  object: ChangedObject,
  inside: DeltaToken['inside'],
  room: Room,
): { body: Record<string, unknown>; rest: DeltaToken['inside'] } | null {
  const entity = call.tenant.get(object.id);
  const mark = typeMark(stream, object.type);
  if (entity === undefined) return { body: { ...mark, id: object.id, '@removed': { reason: 'deleted' } }, rest: null };
  if (entity.deletedDateTime !== null) {
    const told = object.binned || object.whole;
    return told ? { body: { ...mark, id: object.id, '@removed': { reason: 'changed' } }, rest: null } : null;
  }
  const { names, relations } = wanted(call, stream, token, object.type);
  if (object.whole) {
    const body = { ...mark, ...renderSet(call, entity, names) };
    const rest = addLinks(call, body, entity, relations, inside, room);
    if (rest === null) addRemoved(call, body, object, relations);
    return { body, rest };
  }
  const touched = withSameType(call, object.type, [...object.properties]);
  const changedNames = names.filter((name) => touched.includes(name));
  const changedRelations = relations.filter((relation) => object.links.has(relation));
  if (changedNames.length === 0 && changedRelations.length === 0 && !object.touched) return null;
  const body: Record<string, unknown> = { ...mark, ...renderSet(call, entity, token.minimal ? changedNames : names) };
  // What was emptied is told as empty, though a property that was never set is left out.
  for (const name of changedNames) if (object.properties.has(name)) body[name] ??= propertyValue(call, entity, name);
  let skip = inside?.after ?? 0;
  let position = 0;
  for (const relation of changedRelations) {
    const told: object[] = [];
    for (const [target, type] of object.links.get(relation) ?? []) {
      position += 1;
      if (position <= skip) continue;
      if (room.links <= 0) {
        if (told.length > 0) body[`${relation}@delta`] = told;
        return { body, rest: { relation, after: position - 1 } };
      }
      told.push(linkEntry(call, target, type, call.tenant.targets(relation, object.id).has(target)));
      room.links -= 1;
    }
    if (told.length > 0) body[`${relation}@delta`] = told;
    skip = Math.max(skip, 0);
  }
  return { body, rest: null };
}

function linkEntry(call: Call, target: string, type: DirectoryType, present: boolean): object {
  const entry = { '@odata.type': `#microsoft.graph.${call.tenant.get(target)?.type ?? type}`, id: target };
  return present ? entry : { ...entry, '@removed': { reason: 'deleted' } };
}

export function typeMark(stream: DeltaStream, type: DirectoryType): Record<string, unknown> {
  return stream.types.length === 1 ? {} : { '@odata.type': `#microsoft.graph.${type}` };
}
