/**
 * Who asks. Where sign-in is switched on (App Service authentication) the platform puts the signed-in caller into a header, and takes out what a
 * caller put there; it says so by a setting of its own. Where it is not, anybody with a key could write that header, so nobody believes it.
 */
import type { HttpRequest } from '@azure/functions';
import { AppError } from '../errors.ts';

const header = 'x-ms-client-principal';

/** App roles of the application that callers sign in to; an operator may read, too. */
export const callerRoles = { operator: 'EntraRestore.Operator', reader: 'EntraRestore.Reader' } as const;

interface Claim {
  readonly typ: string;
  readonly val: string;
}

/** Claims of the signed-in caller; undefined: nobody signed in, or nobody vouches for it. */
function claimsOf(request: HttpRequest): readonly Claim[] | undefined {
  const told = request.headers.get(header);
  if (told === null || process.env.WEBSITE_AUTH_ENABLED?.toLowerCase() !== 'true') return undefined;
  try {
    const { claims } = JSON.parse(Buffer.from(told, 'base64').toString('utf8')) as { claims?: readonly Claim[] };
    return claims ?? [];
  } catch {
    return [];
  }
}

const isOf =
  (type: string) =>
  ({ typ }: Claim): boolean =>
    typ === type || typ.endsWith(`/${type}`);

/** The signed-in caller by name or object id, else whoever holds the key. */
export function callerOf(request: HttpRequest): string {
  const claims = claimsOf(request);
  if (claims === undefined) return 'function-key';
  const claim = (type: string) => claims.find(isOf(type))?.val;
  return claim('preferred_username') ?? claim('upn') ?? claim('objectidentifier') ?? claim('oid') ?? 'signed-in caller';
}

/** @throws AppError `forbidden` for a signed-in caller without the role that the request takes. */
export function requireRole(request: HttpRequest): void {
  const claims = claimsOf(request);
  if (claims === undefined) return;
  const held = claims.filter((claim) => isOf('roles')(claim) || isOf('role')(claim)).map(({ val }) => val);
  const wanted = request.method === 'GET' ? [callerRoles.reader, callerRoles.operator] : [callerRoles.operator];
  if (wanted.some((role) => held.includes(role))) return;
  throw new AppError('forbidden', `This takes the app role ${wanted[0]}. Have it assigned to the caller.`);
}
