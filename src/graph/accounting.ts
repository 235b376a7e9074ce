/** What the gateway spends: requests (a sub-request of `$batch` is one, its envelope none) and resource units. */
import type { Middleware } from '@microsoft/microsoft-graph-client';
import type { Call } from './call.ts';
import { around } from './middleware.ts';

export interface Accounting {
  count(call: Pick<Call, 'method' | 'route' | 'path'>, resourceUnitHeader: string | undefined): void;
  spent(): { readonly requests: number; readonly resourceUnits: number };
}

export function createAccounting(): Accounting {
  let requests = 0;
  let resourceUnits = 0;
  return {
    count(call, header) {
      requests += 1;
      const told = Number(header);
      resourceUnits += header !== undefined && Number.isFinite(told) ? told : priceOf(call);
    },
    spent: () => ({ requests, resourceUnits }),
  };
}

/** Base prices that are not 1 (graph-facts 1.1), used only where Graph sends no `x-ms-resource-unit`. */
const basePrices: Readonly<Record<string, number>> = {
  '/applications': 2,
  '/users': 2,
  '/users/{id}/memberOf': 2,
  '/users/{id}/ownedObjects': 2,
  '/groups/{id}/members': 3,
  '/subscribedSkus': 3,
};

function priceOf({ method, route, path }: Pick<Call, 'method' | 'route' | 'path'>): number {
  if (/\/photo(\/|$)/.test(route)) return 0;
  if (method !== 'GET') return 1;
  const select = path.includes('$select=') ? 1 : 0;
  const expand = path.includes('$expand=') ? 1 : 0;
  return Math.max(1, (basePrices[route] ?? 1) - select + expand);
}

/** Counts every request that really goes out alone, repeats included. Stands right before the sending handler. */
export const accountingMiddleware = (accounting: Accounting): Middleware =>
  around(async (call, context, next) => {
    try {
      await next();
    } finally {
      if (call.route !== '/$batch') {
        accounting.count(call, context.response?.headers.get('x-ms-resource-unit') ?? undefined);
      }
    }
  });
