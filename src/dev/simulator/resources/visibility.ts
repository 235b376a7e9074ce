/**
 * What an app sees of an object whose type it may not read: the type and the id, everything else null
 * (L:permissions-overview, "Limited information returned for inaccessible member objects"; graph-facts 3.1).
 */
import { typeReaders } from '../permission-table.ts';
import { permitsOne } from '../permissions.ts';
import type { Call } from '../request.ts';
import { graphType } from '../schema/schema.ts';
import type { DirectoryType } from '../tenant/entity.ts';
import type { View } from './lookup.ts';

/** The basic profile that User.ReadBasic.All shows. */
const basicProfile: ReadonlySet<string> = new Set([
  'id',
  'displayName',
  'givenName',
  'mail',
  'securityIdentifier',
  'surname',
  'userPrincipalName',
]);

/** What a narrow permission shows beside the basic profile (L:api/user-get, permissions for specific scenarios). */
const narrow: Readonly<Record<string, string>> = {
  businessPhones: 'User-Phone.ReadWrite.All',
  employeeLeaveDateTime: 'User-LifeCycleInfo.Read.All',
  mobilePhone: 'User-Phone.ReadWrite.All',
  otherMails: 'User-Mail.ReadWrite.All',
};

/** A view, or the call it belongs to; without a caller nothing is hidden. */
export type Looking = View & Partial<Pick<Call, 'caller' | 'method'>>;

/** Empties, in what is about to be shown, whatever the app may not read of this type. Writes show what they wrote. */
export function conceal(looking: Looking, type: DirectoryType, body: Record<string, unknown>): Record<string, unknown> {
  const { caller, method, settings } = looking;
  if (caller !== 'app' || settings.permissions === 'all' || (method !== 'GET' && method !== 'HEAD')) return body;
  if (permitsOne(settings.permissions, typeReaders[type] ?? 'Directory.Read.All')) return body;
  const basic = type === 'user' && permitsOne(settings.permissions, 'User.ReadBasic.All');
  const { properties } = graphType(type);
  for (const name of Object.keys(body)) {
    if (name === 'id' || name.startsWith('@odata.') || (basic && basicProfile.has(name))) continue;
    const own = narrow[name];
    if (type === 'user' && own !== undefined && permitsOne(settings.permissions, own)) continue;
    body[name] = properties.get(name)?.collection === true ? [] : null;
  }
  return body;
}
