/** From Graph's errors to ours, by status and code alone (graph-facts 9): Graph's messages are neither read nor passed on. */
import type { Json, JsonObject } from '../directory/record.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { Answer, Call } from './call.ts';

export interface GraphProblem {
  readonly code: string | undefined;
  /** Codes of `details`, such as `ObjectConflict`. */
  readonly details: readonly string[];
  /** The property that `details` blames. */
  readonly target: string | undefined;
}

export function graphProblem({ body }: Answer): GraphProblem {
  const error = object(object(body)?.error);
  const details = Array.isArray(error?.details)
    ? error.details.flatMap((detail: Json): JsonObject[] => [object(detail) ?? {}])
    : [];
  // `ConflictingObjects` targets the other object, not a property.
  const blamed = details.find((detail) => detail.code !== 'ConflictingObjects');
  return {
    code: word(error?.code),
    details: details.flatMap((detail) => word(detail.code) ?? []),
    target: word(blamed?.target),
  };
}

/** An answer that is no success, as an AppError. Names method, route template, status and code, never ids, names or bodies. */
export function errorOf(call: Pick<Call, 'method' | 'route'>, answer: Answer): AppError {
  const { code } = graphProblem(answer);
  const what = `${call.method} ${call.route}`;
  const { errorCode, advice } = meaning(answer.status);
  const said = answer.status === 0 ? 'got no answer' : `was answered ${answer.status}${code ? ` ${code}` : ''}`;
  return new AppError(errorCode, `${what} ${said}: ${advice}`, {
    details: { status: answer.status, ...(code === undefined ? {} : { graphCode: code }), request: what },
  });
}

function meaning(status: number): { errorCode: ErrorCode; advice: string } {
  switch (status) {
    case 401:
      return { errorCode: 'unauthorized', advice: 'the token was refused; check the credential of this connector' };
    case 403:
      return { errorCode: 'forbidden', advice: 'a permission or directory role is missing' };
    case 404:
      return { errorCode: 'not-found', advice: 'there is no such object' };
    case 409:
      return { errorCode: 'conflict', advice: 'another change stands in the way' };
    case 429:
      return { errorCode: 'throttled', advice: 'Graph holds requests back for longer than the wait allowed' };
    case 501:
      return { errorCode: 'unsupported', advice: 'Graph does not offer this' };
    default:
      return status === 0 || status >= 500
        ? { errorCode: 'graph-unreachable', advice: 'Microsoft Graph does not work at the moment; try again later' }
        : { errorCode: 'refused', advice: 'Graph does not take this request' };
  }
}

/**
 * A next or delta link that Graph does not honour any more (graph-facts 2.1: 410, `syncStateNotFound`, expired page tokens, or 400
 * `Request_UnsupportedQuery`). The link is Graph's own, so a 400 or 404 for it can mean nothing else.
 */
export const isExpiredLink = ({ status }: Answer): boolean => status === 400 || status === 404 || status === 410;

const object = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

const word = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && /^[\w.@-]{1,100}$/.test(value) ? value : undefined;
