/** Authentication methods and app roles as a snapshot keeps them. */
import { cleanBody, type JsonObject } from '../directory/record.ts';
import type { DetailItem } from '../directory/user-details.ts';

/** A password is no registration, a pass is used up long before a restore, and both are secrets. */
const leftOut = ['passwordAuthenticationMethod', 'temporaryAccessPassAuthenticationMethod'];

/** Names of other objects change by themselves and are looked up when shown. */
const volatile = ['principalDisplayName', 'deletedDateTime', 'smsSignInState'];

export function itemOf(entity: JsonObject): DetailItem {
  const type = String(entity['@odata.type'] ?? '#microsoft.graph.appRoleAssignment');
  const kept = Object.entries(cleanBody(entity)).filter(([name, value]) => value !== null && !volatile.includes(name));
  return { ...Object.fromEntries(kept), id: String(entity.id), type: type.slice(type.lastIndexOf('.') + 1) };
}

/** Without what is never kept, in an order that means nothing and is always the same. */
export const sortedItems = (items: readonly DetailItem[]): readonly DetailItem[] =>
  items.filter(({ type }) => !leftOut.includes(type)).sort((one, other) => (one.id < other.id ? -1 : 1));
