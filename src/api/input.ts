/** Reading what callers send: parts of the path, the query, the body. Whatever is not usable is refused with its name. */
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { isKindName, type KindName } from '../directory/kinds.ts';
import { AppError } from '../errors.ts';

export function pathPart(request: HttpRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined || value === '') throw new AppError('not-found', `The address lacks its ${name}.`);
  return value;
}

export function kindOfPath(request: HttpRequest): KindName {
  const kind = pathPart(request, 'kind');
  if (isKindName(kind)) return kind;
  throw new AppError(
    'not-found',
    `There is no kind ${kind}. Kinds are users, groups, administrativeUnits, roleDefinitions and so on.`,
  );
}

/** Reads the query by a schema; unknown parameters are refused, `code` (the function key) aside. */
export function queryOf<T extends z.ZodRawShape>(request: HttpRequest, shape: T): z.output<z.ZodObject<T>> {
  const query = Object.fromEntries([...request.query].filter(([name]) => name !== 'code'));
  return checked(z.strictObject(shape), query, 'query') as z.output<z.ZodObject<T>>;
}

export const top = z.coerce.number().int().min(1).max(1_000).default(100);
export const cursor = z.string().min(1).max(2_000).optional();

/** The body as JSON; `whenEmpty` stands for a body of nothing. */
export async function bodyOf(request: HttpRequest, whenEmpty?: unknown): Promise<unknown> {
  const text = await request.text();
  if (text.trim() === '') {
    if (whenEmpty !== undefined) return whenEmpty;
    throw new AppError('invalid-input', 'The request has no body. Send a JSON object.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('invalid-input', 'The body is not JSON.');
  }
}

export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map(({ path, message }) => `${path.join('.') || what}: ${message}`);
  throw new AppError('invalid-input', `The ${what} is not usable. ${complaints.join('; ')}`, {
    details: { complaints },
  });
}
