/**
 * Scripted faults (`/_control/faults`): which request of the product's app goes wrong, and how. Deterministic: a fault by
 * probability draws from its own seeded sequence.
 */
import { z } from 'zod';
import { createRandom, type Random } from './seed/random.ts';

const match = z.strictObject({
  method: z.string().toUpperCase().optional(),
  path: z.string().startsWith('/').optional(),
  pathPattern: z
    .string()
    .refine((pattern) => isRegExp(pattern), 'is not a regular expression')
    .optional(),
});
const faultShape = z.strictObject({
  match,
  nth: z.int().min(1).optional(),
  times: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  effect: z.enum(['status', 'timeout', 'drop-response', 'delay']),
  status: z.int().min(400).max(599).optional(),
  code: z.string().min(1).optional(),
  retryAfter: z.number().min(0).optional(),
  ms: z.number().min(0).optional(),
});
export const faultListShape = z.array(faultShape);
export type Fault = z.infer<typeof faultShape>;

/** How a matched request goes wrong. `status` and `timeout` leave the work undone, `drop-response` does it first. */
export type FaultEffect =
  | { readonly effect: 'status'; readonly status: number; readonly code: string; readonly retryAfter: number | null }
  | { readonly effect: 'timeout'; readonly ms: number }
  | { readonly effect: 'delay'; readonly ms: number }
  | { readonly effect: 'drop-response' };

export interface FaultScript {
  add(faults: readonly Fault[]): void;
  /** The faults as given, each with how often it took effect. */
  list(): ReadonlyArray<Fault & { readonly met: number }>;
  clear(): void;
  /**
   * The effect on one request or sub-request: the first fault of the list that applies; every fault it matches counts it.
   * `path`: below /v1.0, without query (`/users/{id}`); a batch envelope is `/$batch`.
   */
  meet(method: string, path: string): FaultEffect | null;
}

/** Error codes that Graph sends with a status, for faults that name none (graph-facts 9). */
const usualCodes: Readonly<Record<number, string>> = {
  400: 'Request_BadRequest',
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  409: 'Directory_ConcurrencyViolation',
  410: 'resyncRequired',
  412: 'PreconditionFailed',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};
const usualMs = 1000;

interface Armed {
  readonly fault: Fault;
  readonly matches: (method: string, path: string) => boolean;
  readonly random: Random;
  seen: number;
  met: number;
}

/** An empty script. */
export function createFaultScript(): FaultScript {
  let armed: Armed[] = [];
  return {
    add: (faults) => {
      armed.push(...faults.map(arm));
    },
    list: () => armed.map(({ fault, met }) => ({ ...fault, met })),
    clear: () => {
      armed = [];
    },
    meet: (method, path) => {
      let effect: FaultEffect | null = null;
      for (const one of armed) {
        if (!one.matches(method, path)) continue;
        one.seen += 1;
        if (effect !== null || !applies(one)) continue;
        one.met += 1;
        effect = effectOf(one.fault);
      }
      return effect;
    },
  };
}

function arm(fault: Fault): Armed {
  const { method, path, pathPattern } = fault.match;
  const segments = path === undefined ? null : split(path);
  const pattern = pathPattern === undefined ? null : new RegExp(pathPattern);
  const matches = (requestMethod: string, requestPath: string): boolean =>
    (method === undefined || method === requestMethod) &&
    (segments === null || samePath(segments, split(requestPath))) &&
    (pattern === null || pattern.test(requestPath));
  return { fault, matches, random: createRandom(fault.seed ?? 1), seen: 0, met: 0 };
}

function applies(one: Armed): boolean {
  const { nth = 1, times, probability } = one.fault;
  if (one.seen < nth) return false;
  if (probability === undefined) return one.seen < nth + (times ?? 1);
  // The draw is made for every hit, so what a fault does depends on the requests it sees and on nothing else.
  const hit = one.random.next() < probability;
  return hit && (times === undefined || one.met < times);
}

function effectOf(fault: Fault): FaultEffect {
  if (fault.effect === 'drop-response') return { effect: 'drop-response' };
  if (fault.effect !== 'status') return { effect: fault.effect, ms: fault.ms ?? usualMs };
  const status = fault.status ?? 503;
  return {
    effect: 'status',
    status,
    code: fault.code ?? usualCodes[status] ?? 'UnknownError',
    retryAfter: fault.retryAfter ?? null,
  };
}

function split(path: string): readonly string[] {
  return path.replace(/\/+$/, '').split('/').slice(1).map(decode);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function samePath(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((segment, at) => segment === '*' || segment === path[at]);
}

function isRegExp(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
