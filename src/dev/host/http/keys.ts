/** Function keys as Azure has them, made once per state dir and kept for its owner only. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';

export interface Keys {
  /** Opens functions of level `function`. */
  readonly function: string;
  /** Opens everything, `admin` included. */
  readonly master: string;
  /** In the durable management URLs, as `durabletask_extension` in Azure. */
  readonly system: string;
}

export function loadKeys(folder: string): Keys {
  const path = join(folder, 'keys.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Keys;
  const make = () => randomBytes(32).toString('base64url');
  const keys: Keys = { function: make(), master: make(), system: make() };
  writeFileSync(path, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/** Whether the request carries one of `accepted`, in `x-functions-key` or `?code=`. */
export function hasKey(request: IncomingMessage, query: URLSearchParams, accepted: readonly string[]): boolean {
  const given = request.headers['x-functions-key'] ?? query.get('code');
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return accepted.some((key) => timingSafeEqual(digest(key), digest(given)));
}
