/** What delta and skip tokens of delta hold, and how an old one is refused (graph-facts 2.1). */
import { GraphError, unsupportedQuery } from '../errors.ts';
import { expiredPage, packToken } from '../odata/token.ts';
import type { Call } from '../request.ts';

export interface DeltaToken {
  /** `all`: reading everything; `changes`: reading a round of changes; `idle`: a deltaLink. */
  readonly phase: 'all' | 'changes' | 'idle';
  /** The path it belongs to. */
  readonly path: string;
  readonly select: readonly string[] | null;
  readonly ids: readonly string[] | null;
  /** Types named by `isof`, for directoryObjects. */
  readonly types: readonly string[] | null;
  /** The log number the state was read at, or the changes begin after. */
  readonly from: number;
  /** End of a round of changes; later ones wait for the next. */
  readonly to: number;
  /** Where the next page begins: a birth number (`all`) or an index (`changes`), */
  readonly at: number;
  /** and, inside one object, the relation and the link after which to go on. */
  readonly inside: { readonly relation: string; readonly after: number } | null;
  readonly minimal: boolean;
  /** The tenant's time at the start of its round. */
  readonly issuedMs: number;
  /** An empty first page was sent (a switch). */
  readonly begun: boolean;
}

const lifeMs = 7 * 86_400_000;

export const packDelta = (token: DeltaToken): string => packToken(token);

/** Unpacks and checks a token. Throws in one of the forms that Graph was seen to use for a token it no longer accepts. */
export function readDelta(call: Call, text: string): DeltaToken {
  let token: Partial<DeltaToken> | null = null;
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString()) as Partial<DeltaToken>;
  } catch {
    // Said below.
  }
  if (typeof token?.from !== 'number' || typeof token.phase !== 'string' || typeof token.path !== 'string') {
    throw unsupportedQuery('Badly formed token.');
  }
  if (token.path !== call.route) throw unsupportedQuery('The token belongs to another resource.');
  const { tenant } = call;
  const tooOld = tenant.clock.nowMs() - (token.issuedMs ?? 0) > lifeMs;
  if (tooOld || token.from < tenant.logFloor || token.from > tenant.number) throw expired(call);
  return token as DeltaToken;
}

function expired(call: Call): GraphError {
  if (call.settings.deltaExpiryGone) {
    return new GraphError(410, 'resyncRequired', 'Resync required. Replace any local items with the server state.', {
      headers: { Location: `${call.base}${call.path}?$deltatoken=` },
    });
  }
  if (call.settings.deltaExpiryBadRequest) return unsupportedQuery('DeltaLink older than 30 days is not supported.');
  if (call.query.has('$skiptoken')) return expiredPage();
  return new GraphError(
    400,
    'syncStateNotFound',
    'The sync state generation is not found; run a full synchronization.',
  );
}
