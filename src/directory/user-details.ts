/**
 * What Graph tells of one user at a time (graph-facts 3.3): a request each, so a snapshot asks it of new and changed users, and of all of them
 * when it reads users in full. Each is kept as one record a user, under the user's id.
 */
import type { Json, JsonObject } from './record.ts';

export const userDetails = ['authenticationMethods', 'appRoleAssignments'] as const;
export type UserDetail = (typeof userDetails)[number];

/** A method or an assignment; `type` is the short Graph type. */
export interface DetailItem {
  readonly id: string;
  readonly type: string;
  readonly [name: string]: Json;
}

/** The items of a stored record. */
export const itemsOf = (body: JsonObject | undefined): readonly DetailItem[] =>
  Array.isArray(body?.items) ? (body.items as readonly DetailItem[]) : [];

/** Methods that Graph lets an app register (graph-facts 3.4): with the collection, and what such a method consists of. */
const registrable: Readonly<Record<string, { readonly collection: string; readonly properties: readonly string[] }>> = {
  phoneAuthenticationMethod: { collection: 'phoneMethods', properties: ['phoneNumber', 'phoneType'] },
  emailAuthenticationMethod: { collection: 'emailMethods', properties: ['emailAddress'] },
};

/** Whether Graph lets an app register methods of this type at all; the others hold keys that nobody is told. */
export const isRegistrable = ({ type }: DetailItem): boolean => type in registrable;

/** Where and with what body a method is registered again; undefined where Graph lets no app do so. */
export function registrationOf(method: DetailItem): { collection: string; body: JsonObject } | undefined {
  const known = registrable[method.type];
  if (known === undefined) return undefined;
  const body = Object.fromEntries(known.properties.map((name) => [name, method[name] ?? null]));
  return Object.values(body).includes(null) ? undefined : { collection: known.collection, body };
}

/** Whether two methods are one and the same registration, whatever their ids. */
export function sameMethod(left: DetailItem, right: DetailItem): boolean {
  if (left.type !== right.type) return false;
  const properties = registrable[left.type]?.properties;
  return properties === undefined ? left.id === right.id : properties.every((name) => left[name] === right[name]);
}
