/** Errors of the host itself, in the same dress as the app's own (RFC 9457). */
import type { ServerResponse } from 'node:http';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition failed',
  413: 'Content too large',
  500: 'Internal error',
  501: 'Not implemented',
  503: 'Starting',
};

export function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
  send(
    response,
    status,
    { type: 'about:blank', title: titles[status] ?? 'Error', status, code, detail },
    {
      'content-type': 'application/problem+json',
    },
  );
}

/** Answers with JSON, or with nothing when `body` is undefined. */
export function send(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
