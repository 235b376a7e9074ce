/**
 * In which order the app's requests came: how many before its first write, and whether a 429 was answered by another call of the same
 * class before its time. The numbers behind `GET /_control/stats/order`.
 */

export interface Order {
  /** The tenant's time of the first write, ISO 8601 with milliseconds. */
  readonly firstWriteDateTime: string | null;
  /** Requests, sub-requests of batches each, that came before it. */
  readonly requestsBeforeWrite: number;
  /** Requests that left after a 429 had told their class (reads or writes) to wait, and came before the wait was over. */
  readonly tooEarly: number;
}

export interface OrderedRequest {
  readonly method: string;
  /** When the HTTP request came that it is or is part of, in ms of the tenant's clock. */
  readonly arrivedMs: number;
  readonly nowMs: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface OrderKeeper {
  /** Takes note of one request and what it was answered. */
  note(request: OrderedRequest): void;
  read(): Order;
  clear(): void;
}

type CallClass = 'read' | 'write';

/** Whoever sends within it after a 429 was answered may not have heard of it yet. */
const onTheWireMs = 250;

export function createOrderKeeper(): OrderKeeper {
  const none = { heardMs: 0, untilMs: 0 };
  const waits: Record<CallClass, typeof none> = { read: none, write: none };
  let firstWriteMs: number | null = null;
  let [before, tooEarly] = [0, 0];
  return {
    note: ({ method, arrivedMs, nowMs, status, headers }) => {
      const callClass = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
      if (callClass === 'write') firstWriteMs ??= nowMs;
      if (firstWriteMs === null) before += 1;
      const wait = waits[callClass];
      if (arrivedMs > wait.heardMs && arrivedMs < wait.untilMs) tooEarly += 1;
      if (status !== 429) return;
      const untilMs = nowMs + Number(headers['Retry-After'] ?? 0) * 1_000;
      for (const told of classesOf(headers['x-ms-throttle-scope'], callClass))
        if (untilMs > waits[told].untilMs) waits[told] = { heardMs: nowMs + onTheWireMs, untilMs };
    },
    read: () => ({
      firstWriteDateTime: firstWriteMs === null ? null : new Date(firstWriteMs).toISOString(),
      requestsBeforeWrite: before,
      tooEarly,
    }),
    clear: () => {
      [waits.read, waits.write] = [none, none];
      firstWriteMs = null;
      [before, tooEarly] = [0, 0];
    },
  };
}

/** `Tenant_Application/ReadWrite/…` tells both; without a scope the class of the request is told. */
function classesOf(scope: string | undefined, own: CallClass): readonly CallClass[] {
  switch (scope?.split('/')[1]) {
    case 'Read':
      return ['read'];
    case 'Write':
      return ['write'];
    case 'ReadWrite':
      return ['read', 'write'];
    default:
      return [own];
  }
}
