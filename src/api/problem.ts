/** Errors as `application/problem+json` (RFC 9457). The table is complete: a new error code does not compile without a status. */
import type { HttpResponseInit } from '@azure/functions';
import type { AppError, ErrorCode } from '../errors.ts';

const statuses: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  'invalid-input': { status: 400, title: 'The request is not usable' },
  unauthorized: { status: 401, title: 'A key or a sign-in is needed' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  gone: { status: 410, title: 'Not there any more' },
  'not-captured': { status: 404, title: 'Not in this snapshot' },
  conflict: { status: 409, title: 'Not possible now' },
  'job-running': { status: 409, title: 'A job is running' },
  'corrupt-snapshot': { status: 409, title: 'The snapshot cannot be trusted' },
  refused: { status: 409, title: 'Refused' },
  cancelled: { status: 409, title: 'Cancelled' },
  unsupported: { status: 501, title: 'Not supported by this version' },
  'graph-unreachable': { status: 503, title: 'Microsoft Graph does not answer' },
  'storage-unreachable': { status: 503, title: 'Storage does not answer' },
  'key-unavailable': { status: 503, title: 'The key of sealed snapshots cannot be used' },
  throttled: { status: 503, title: 'Microsoft Graph asks us to wait' },
  'token-expired': { status: 500, title: 'A delta link has expired' },
  internal: { status: 500, title: 'Something went wrong here' },
};

export function problem(error: AppError, instance: string): HttpResponseInit {
  const { status, title } = statuses[error.code];
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...(status === 503 ? { 'retry-after': '15' } : {}) },
    body: JSON.stringify({
      ...error.details,
      type: 'about:blank',
      title,
      status,
      detail: error.message,
      code: error.code,
      instance,
    }),
  };
}
