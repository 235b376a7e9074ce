/** Opaque page tokens, and the links that carry them. */
import { GraphError } from '../errors.ts';
import type { Call } from '../request.ts';

/** Packs any JSON into a token that says nothing to a reader. */
export const packToken = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');

/** Unpacks a token of ours. Throws 400 for anything else. */
export function unpackToken(token: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof content === 'object' && content !== null) return content as Readonly<Record<string, unknown>>;
  } catch {
    // No token of ours; said below.
  }
  throw expiredPage();
}

/** A page token that is no longer, or never was, taken (graph-facts 2.1, 9). */
export const expiredPage = (): GraphError =>
  new GraphError(
    400,
    'Directory_ExpiredPageToken',
    'The specified page token value has expired and can no longer be included in your request.',
  );

/** The request again with other options: `$` and commas stay readable, as in Graph's own links. */
export function linkTo(call: Call, options: Iterable<readonly [string, string]>, path: string = call.path): string {
  const query = [...options].map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`);
  return `${call.base}${path}?${query.join('&')}`;
}

/** The link to the page after a token, all other options kept. */
export function nextLink(call: Call, token: object): string {
  const options = [...call.query].filter(([name]) => name !== '$skiptoken');
  return linkTo(call, [...options, ['$skiptoken', packToken(token)]]);
}
