/** The form of a `$batch` (graph-facts 1.3): sub-requests by id, answers in any order, each with a status and headers of its own. */
import type { Json, JsonObject } from '../directory/record.ts';
import { type Answer, type Call, type CallClass, isOk, noAnswer } from './call.ts';
import { errorOf } from './errors.ts';

export const batchSize = 20;

export function envelopeOf(calls: readonly Call[], carries: CallClass): Call {
  const requests = calls.map((call, index) => batchRequest(call, String(index)));
  return { method: 'POST', path: '/$batch', route: '/$batch', body: { requests }, carries, repeatable: false };
}

/**
 * The answers in the order of the calls. An envelope that failed as a whole (lost, 5xx, 401, 403, 429) is the answer of every call; any other
 * refusal of it, such as 404, tells of no call at all, and nothing was done;
 * @throws AppError `refused` for an envelope that Graph cannot read, which is our mistake and no call's.
 */
export function answersIn(envelope: Call, calls: readonly Call[], answer: Answer): readonly Answer[] {
  if (answer.status === 400 || answer.status === 413) throw errorOf(envelope, answer);
  if (!isOk(answer)) return calls.map(() => (speaksForAll(answer) ? answer : noAnswer(false)));
  const byId = new Map(batchResponses(answer.body).map((response) => [String(response.id), response]));
  return calls.map((_, index) => {
    const response = byId.get(String(index));
    return response === undefined ? noAnswer(true) : subAnswer(response);
  });
}

const speaksForAll = ({ status }: Answer): boolean =>
  status === 0 || status >= 500 || status === 401 || status === 403 || status === 429;

const batchRequest = (call: Call, id: string): JsonObject => ({
  id,
  method: call.method,
  url: call.path,
  ...(call.body === undefined
    ? call.headers && { headers: call.headers }
    : { headers: { 'Content-Type': 'application/json', ...call.headers }, body: call.body }),
});

interface BatchResponse {
  readonly id: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

function batchResponses(body: Json | undefined): readonly BatchResponse[] {
  const responses = (body as { responses?: unknown } | undefined)?.responses;
  return Array.isArray(responses) ? (responses as BatchResponse[]) : [];
}

function subAnswer({ status, headers, body }: BatchResponse): Answer {
  const byName = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return { status, body, maybeDone: true, header: (name) => byName.get(name.toLowerCase()) };
}
