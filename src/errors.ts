/**
 * The one error type of the product, and its closed list of codes.
 *
 * Adapters translate vendor errors into these, once, at the lowest layer; everything above asks only for the code.
 * A message says what happened, to what, and what to do about it; it never holds a token, a password or a record.
 */
export const errorCodes = [
  'invalid-input',
  'unauthorized',
  'forbidden',
  'not-found',
  'conflict',
  'job-running',
  'gone',
  'not-captured',
  'corrupt-snapshot',
  'throttled',
  'token-expired',
  'unsupported',
  'refused',
  'graph-unreachable',
  'storage-unreachable',
  'key-unavailable',
  'cancelled',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export class AppError extends Error {
  readonly code: ErrorCode;
  /** Machine-readable facts beside the message (ids, property names, waits in ms); part of problem bodies, so no personal data. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

export const isAppError = (error: unknown, ...codes: ErrorCode[]): error is AppError =>
  error instanceof AppError && (codes.length === 0 || codes.includes(error.code));

/** An error by its name and the places it came through, without its message: that of a parser quotes what it could not read. */
export function nameAndPlace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...places].join('\n');
}
