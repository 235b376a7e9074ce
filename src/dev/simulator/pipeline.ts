/**
 * The way of a request, in the order Graph shows: caller, latency, faults, quota, permissions, handler, headers. The
 * sub-requests of a batch each go through all of it but caller and latency.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerBatch } from './batch.ts';
import { badToken, denied, errorBody, GraphError, notImplemented } from './errors.ts';
import { permits } from './permissions.ts';
import { costOf } from './quota/cost.ts';
import { throttledBody } from './quota/throttle.ts';
import type { Caller, GraphRequest, GraphResponse } from './request.ts';
import { concernsRoleAssignableGroup } from './resources/privilege.ts';
import type { RouteMatch, Router } from './router.ts';
import type { Simulation } from './simulation.ts';
import { graphTime } from './tenant/clock.ts';

/** `cut`: the connection is closed without an answer. */
export type Outcome = GraphResponse | 'cut';

export interface Pipeline {
  /** Answers one HTTP request. `authorization`: the header as sent. */
  answer(request: Omit<GraphRequest, 'caller' | 'arrivedMs'>, authorization: string | undefined): Promise<Outcome>;
}

export function createPipeline(simulation: Simulation, router: Router): Pipeline {
  const { tenant, stats, order } = simulation;
  const serveOne = async (request: GraphRequest, refuse: GraphError | null): Promise<Outcome> => {
    const ids = idsOf(request);
    const route = router.templateOf(request.method, request.path);
    const settings = simulation.settings();
    const cost = costOf(request.method, route, request.query, settings);
    const ours = request.caller === 'app';
    const count = (counted: typeof cost, throttled: boolean): void => {
      const dateTime = graphTime(tenant.clock.nowMs());
      if (ours) stats.count({ method: request.method, route, cost: counted, throttled, dateTime });
    };
    const fault = ours ? simulation.faults.meet(request.method, request.path) : null;
    if (fault?.effect === 'delay') await sleep(fault.ms);
    if (fault?.effect === 'timeout' || fault?.effect === 'status') {
      count({ ...cost, resourceUnits: 0, writes: 0 }, false);
      if (fault.effect === 'timeout') {
        await sleep(fault.ms);
        return 'cut';
      }
      const headers: Record<string, string> =
        fault.retryAfter === null ? {} : { 'Retry-After': String(fault.retryAfter) };
      const error = new GraphError(fault.status, fault.code, 'This answer was scripted by /_control/faults.', {
        headers,
      });
      return finish(errorAnswer(error, tenant.clock.now(), ids), ids, {});
    }
    const admission = ours ? simulation.throttle().admit(cost, tenant.clock.nowMs()) : null;
    const charged = cost.budget === 'identity' ? { 'x-ms-resource-unit': String(cost.resourceUnits) } : {};
    const quotaHeaders: Readonly<Record<string, string>> = admission?.headers ?? charged;
    count(cost, admission?.throttled != null);
    if (admission?.throttled != null) {
      return finish(
        { status: 429, headers: {}, body: throttledBody(tenant.clock.now(), ids.request) },
        ids,
        quotaHeaders,
      );
    }
    const response = work(request, refuse, ids);
    return fault?.effect === 'drop-response' ? 'cut' : finish(response, ids, quotaHeaders);
  };
  /** One request or sub-request; `refuse` is thrown in place of the work (a batch's concurrency violation). */
  const serve = async (request: GraphRequest, refuse: GraphError | null): Promise<Outcome> => {
    const outcome = await serveOne(request, refuse);
    const { method, arrivedMs, caller } = request;
    const { status, headers } = outcome === 'cut' ? { status: 0, headers: {} } : outcome;
    if (caller === 'app') order.note({ method, arrivedMs, nowMs: tenant.clock.nowMs(), status, headers });
    return outcome;
  };
  const work = (request: GraphRequest, refuse: GraphError | null, ids: RequestIds): GraphResponse => {
    try {
      const match = router.match(request.method, request.path);
      if (refuse !== null) throw refuse;
      requirePermission(simulation, request, match);
      const { params, template, route } = match;
      requireNoOptions(request, template);
      const call = { ...request, params, route: template, tenant, settings: simulation.settings() };
      return route.handle(call);
    } catch (error) {
      if (error instanceof GraphError) return errorAnswer(error, tenant.clock.now(), ids);
      throw error;
    }
  };
  const finish = (
    response: GraphResponse,
    ids: RequestIds,
    quota: Readonly<Record<string, string>>,
  ): GraphResponse => ({
    ...response,
    headers: { ...commonHeaders(tenant.clock.nowMs(), ids), ...quota, ...response.headers },
  });
  const route = async (request: GraphRequest): Promise<Outcome> => {
    if (request.method === 'POST' && request.path.toLowerCase() === '/$batch') {
      const ids = idsOf(request);
      const ours = request.caller === 'app';
      const envelope = ours ? simulation.faults.meet('POST', '/$batch') : null;
      if (envelope?.effect === 'delay') await sleep(envelope.ms);
      if (envelope?.effect === 'timeout') {
        await sleep(envelope.ms);
        return 'cut';
      }
      if (envelope?.effect === 'status') {
        const headers: Record<string, string> =
          envelope.retryAfter === null ? {} : { 'Retry-After': String(envelope.retryAfter) };
        const error = new GraphError(envelope.status, envelope.code, 'This answer was scripted.', { headers });
        return finish(errorAnswer(error, tenant.clock.now(), ids), ids, {});
      }
      try {
        const answer = await answerBatch(request, serve, tenant);
        return answer === 'cut' || envelope?.effect === 'drop-response' ? 'cut' : finish(answer, ids, {});
      } catch (error) {
        if (error instanceof GraphError) return finish(errorAnswer(error, tenant.clock.now(), ids), ids, {});
        throw error;
      }
    }
    return serve(request, null);
  };
  return {
    answer: async (bare, authorization) => {
      const ids = idsOf(bare);
      let caller: Caller;
      try {
        caller = callerOf(authorization, simulation.settings().tokens);
      } catch (error) {
        if (error instanceof GraphError) return finish(errorAnswer(error, tenant.clock.now(), ids), ids, {});
        throw error;
      }
      simulation.purgeDue();
      const request = { ...bare, caller, arrivedMs: tenant.clock.nowMs() };
      if (caller === 'outside') return route(request);
      const end = stats.beginRoundTrip();
      try {
        const { latencyMs } = simulation.settings();
        if (latencyMs > 0) await sleep(latencyMs);
        return await route(request);
      } finally {
        end();
      }
    },
  };
}

function callerOf(authorization: string | undefined, tokens: 'valid' | 'expired'): Caller {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw badToken('Access token is empty.');
  if (token === 'outside') return 'outside';
  if (token !== 'app') throw badToken('CompactToken parsing failed with error code: 80049217');
  if (tokens === 'expired') throw badToken('Access token has expired or is not yet valid.');
  return 'app';
}

function requirePermission(simulation: Simulation, request: GraphRequest, match: RouteMatch): void {
  if (request.caller === 'outside') return;
  const { permissions, basicProfileRefused } = simulation.settings();
  if (permissions === 'all') return;
  const allowed = permits(permissions, {
    method: request.method,
    route: match.template,
    query: request.query,
    body: request.body ?? null,
    basicProfileRefused,
    roleAssignableGroup: concernsRoleAssignableGroup(simulation.tenant, match, request.body),
  });
  if (!allowed) throw denied();
}

/** Writes take no query options; the reading action getByIds takes $select. */
function requireNoOptions({ method, query }: GraphRequest, template: string): void {
  if (method === 'GET' || template.endsWith('/getByIds')) return;
  const [name] = query.keys();
  if (name !== undefined) throw notImplemented(`the query option ${name} on ${method} ${template}`);
}

interface RequestIds {
  readonly request: string;
  readonly client: string;
}

function idsOf(request: { readonly headers: ReadonlyMap<string, string> }): RequestIds {
  const id = randomUUID();
  return { request: id, client: request.headers.get('client-request-id') ?? id };
}

function errorAnswer(error: GraphError, date: string, ids: RequestIds): GraphResponse {
  return { status: error.status, headers: error.headers, body: errorBody(error, date, ids.request, ids.client) };
}

const diagnostic = JSON.stringify({
  ServerInfo: { DataCenter: 'Local', Slice: 'E', Ring: '1', ScaleUnit: '000', RoleInstance: 'SIMULATOR' },
});

function commonHeaders(nowMs: number, ids: RequestIds): Readonly<Record<string, string>> {
  return {
    'request-id': ids.request,
    'client-request-id': ids.client,
    'x-ms-ags-diagnostic': diagnostic,
    Date: new Date(nowMs).toUTCString(),
    'Cache-Control': 'no-cache',
  };
}
