/** Small pieces that several resources share: answers with one object, and ids. */
import { randomUUID } from 'node:crypto';
import { allowOptions, type Expansion, readExpand, readSelect } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';
import { knownProperties } from './extension-types.ts';
import { kindOf } from './kinds.ts';
import { checkSelect, render } from './render.ts';
import { conceal } from './visibility.ts';

export const newId = (): string => randomUUID();

export type Expanders = Readonly<Record<string, (call: Call, entity: Entity, expansion: Expansion) => unknown>>;

/** `GET` of one object with `$select` and `$expand`. */
export function answerOne(call: Call, entity: Entity, expanders: Expanders = {}): GraphResponse {
  allowOptions(call, ['$select', '$expand', '$count']);
  const select = readSelect(call);
  const expansion = readExpand(call, Object.keys(expanders));
  if (select !== null) checkSelect(entity.type, select, knownProperties(call, entity.type));
  const body = conceal(call, entity.type, render(call, entity, select));
  if (expansion !== null) body[expansion.relation] = expanders[expansion.relation]?.(call, entity, expansion);
  const suffix = select === null ? '' : `(${select.join(',')})`;
  return json({ '@odata.context': contextUrl(`${kindOf(entity.type).collection}${suffix}/$entity`), ...body });
}

/** `201` with the object's default properties, and `more`, and its `Location`. */
export function answerCreated(call: Call, entity: Entity, more: readonly string[] = []): GraphResponse {
  const { collection } = kindOf(entity.type);
  const path = entity.type === 'administrativeUnit' ? `directory/${collection}` : collection;
  const body = { ...render(call, entity, null), ...render(call, entity, more) };
  return json({ '@odata.context': contextUrl(`${collection}/$entity`), ...body }, 201, {
    Location: `${call.base}/${path}/${entity.id}`,
  });
}

/** Keeps only what differs from what is stored, so that writing the same again changes nothing. */
export function onlyChanged(entity: Entity, properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(entity.properties[name] ?? null),
    ),
  );
}
