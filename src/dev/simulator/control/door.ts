/** What a control door is, and how the doors refuse: one form of answer for every mistake of a caller. */
import type { z } from 'zod';
import { explainIssues } from '../settings.ts';

export interface DoorCall {
  /** What the `*` or `**` of the door's path stood for, decoded. */
  readonly parameter: string;
  /** The parsed JSON body; undefined when there was none. */
  readonly body: unknown;
}
export interface DoorAnswer {
  readonly status: number;
  /** Sent as JSON; null for no body. A string is sent as it is: JSON already. */
  readonly body: object | string | null;
}
export interface Door {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/_control`; `*` stands for the last segment, `**` for all that are left. */
  readonly path: string;
  readonly answer: (call: DoorCall) => DoorAnswer | Promise<DoorAnswer>;
}

/** A refusal that a door throws: 400 for a bad body, 404 for an object that is not there, 409 for a clash. */
export class DoorError extends Error {
  override readonly name = 'DoorError';
  readonly status: 400 | 404 | 405 | 409 | 501;
  constructor(status: DoorError['status'], message: string) {
    super(message);
    this.status = status;
  }
}

const codes: Readonly<Record<DoorError['status'], string>> = {
  400: 'BadRequest',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  501: 'NotImplemented',
};

/** The answer that says a refusal. */
export function refusal(error: DoorError): DoorAnswer {
  return { status: error.status, body: { error: { code: codes[error.status], message: error.message } } };
}

/** Parses a body strictly. Throws DoorError 400 that names every unknown or wrong field. */
export function parseBody<T>(shape: z.ZodType<T>, body: unknown): T {
  const parsed = shape.safeParse(body);
  if (!parsed.success) throw new DoorError(400, explainIssues(parsed.error));
  return parsed.data;
}

export function ok(body: object | string = {}): DoorAnswer {
  return { status: 200, body };
}
