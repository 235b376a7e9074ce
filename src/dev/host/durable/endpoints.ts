/**
 * The durable client's endpoints (local-host.md 2): `/durabletask/` for the library in this process, and the same with a key under
 * `/runtime/webhooks/durabletask/` for everybody else. What is not served (entities) says so with 501.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Handler, readBody } from '../http/functions.ts';
import { hasKey, type Keys } from '../http/keys.ts';
import { send, sendProblem } from '../http/problem.ts';
import type { Engine } from './engine.ts';
import { hasEnded, type Instance } from './history.ts';
import type { DurableUrls } from './management-urls.ts';
import type { Instances } from './records.ts';
import type { TurnServices } from './run-turn.ts';
import { filterOf, fits, statusOf } from './status.ts';

export interface EndpointServices {
  readonly engine: Engine;
  readonly instances: Instances;
  readonly find: TurnServices['find'];
  readonly urls: DurableUrls;
}

interface Call {
  readonly method: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Serves below `prefix`; `keys` undefined means that no key is asked for. */
export function serveDurable(prefix: string, keys: Keys | undefined, services: EndpointServices): Handler {
  return async (request, response, url) => {
    const query = url.searchParams;
    if (keys !== undefined && !hasKey(request, query, [keys.system, keys.function, keys.master]))
      return sendProblem(response, 401, 'unauthorized', 'The durable endpoints need the key of their URLs (code=).');
    const parts = url.pathname.slice(prefix.length).split('/').map(decodeURIComponent);
    const call: Call = { method: request.method ?? '', parts, query, request, response };
    const [area, id = '', operation] = parts;
    if (area === 'orchestrators' && call.method === 'POST') return await start(call, services);
    if (area === 'entities')
      return sendProblem(response, 501, 'not-implemented', 'Entities are not served by the local host.');
    if (area === 'instances' && id === '') return list(call, services);
    if (area !== 'instances')
      return sendProblem(response, 404, 'not-found', `No route ${call.method} ${url.pathname}.`);
    const instance = services.instances.get(id);
    if (instance === undefined) return sendProblem(response, 404, 'not-found', `No instance '${id}'.`);
    if (operation === undefined) return one(call, instance, services);
    return await operate(call, instance, operation, services);
  };
}

async function start(call: Call, { engine, instances, find, urls }: EndpointServices): Promise<void> {
  const [, name = '', id] = call.parts;
  const refuse = (status: number, code: string, text: string) => sendProblem(call.response, status, code, text);
  if (find('orchestrationtrigger', name) === undefined)
    return refuse(400, 'invalid-input', `No orchestration is named '${name}'.`);
  if (id !== undefined && (!/^[^@/\\#?\p{Cc}][^/\\#?\p{Cc}]{0,99}$/u.test(id) || call.parts.length > 3))
    return refuse(
      400,
      'invalid-input',
      `'${id}' is no instance id: at most 100 characters, none of / \\ # ?, no leading @.`,
    );
  const text = String(await readBody(call.request));
  if (text !== '' && !isJson(text)) return refuse(400, 'invalid-input', 'The input is no JSON.');
  const running = id === undefined ? undefined : instances.get(id);
  if (running !== undefined && !hasEnded(running.status))
    return refuse(409, 'conflict', `An instance '${id}' already exists and has not ended.`);
  const instance = engine.start(name, { ...(id === undefined ? {} : { id }), ...(text === '' ? {} : { input: text }) });
  accepted(call.response, urls.forInstance(instance.id));
}

const accepted = (response: ServerResponse, links: Record<string, string>) =>
  send(response, 202, links, { location: links.statusQueryGetUri ?? '', 'retry-after': '10' });

/** GET lists, DELETE purges by filter. */
function list({ method, query, request, response }: Call, { engine, instances }: EndpointServices) {
  const chosen = [...instances.values()].filter((instance) => fits(instance, filterOf(query)));
  if (method === 'DELETE') {
    if (!query.has('createdTimeFrom')) return sendProblem(response, 400, 'invalid-input', 'createdTimeFrom is needed.');
    const ended = chosen.filter(({ status }) => hasEnded(status));
    if (ended.length === 0) return sendProblem(response, 404, 'not-found', 'No ended instance fits.');
    ended.forEach(engine.purge);
    return send(response, 200, { instancesDeleted: ended.length });
  }
  const top = Number(query.get('top') ?? 100) || 100;
  const from = Number(request.headers['x-ms-continuation-token'] ?? 0) || 0;
  const more = from + top < chosen.length ? { 'x-ms-continuation-token': String(from + top) } : undefined;
  send(
    response,
    200,
    chosen.slice(from, from + top).map((instance) => statusOf(instance, query)),
    more,
  );
}

function one({ method, query, response }: Call, instance: Instance, { engine, urls }: EndpointServices) {
  const ended = hasEnded(instance.status);
  if (method === 'DELETE') {
    if (!ended) return sendProblem(response, 404, 'not-found', `Instance '${instance.id}' has not ended.`);
    engine.purge(instance);
    return send(response, 200, { instancesDeleted: 1 });
  }
  const { statusQueryGetUri = '' } = urls.forInstance(instance.id);
  if (!ended)
    return send(response, 202, statusOf(instance, query), { location: statusQueryGetUri, 'retry-after': '5' });
  const asError = instance.status === 'Failed' && query.get('returnInternalServerErrorOnFailure') === 'true';
  send(response, asError ? 500 : 200, statusOf(instance, query));
}

async function operate(call: Call, instance: Instance, operation: string, services: EndpointServices): Promise<void> {
  const { engine, urls } = services;
  const { response, query, parts } = call;
  const ended = hasEnded(instance.status);
  const refuse = (status: number, code: string, text: string) => sendProblem(response, status, code, text);
  const gone = () => refuse(410, 'gone', `Instance '${instance.id}' has ended (${instance.status}).`);
  if (call.method !== 'POST') return refuse(405, 'method-not-allowed', 'Operations are POSTed.');
  if (operation === 'rewind') {
    if (instance.status !== 'Failed') return ended ? gone() : refuse(412, 'conflict', 'Only failed instances rewind.');
    engine.rewind(instance);
    return send(response, 202);
  }
  if (operation === 'restart') {
    if (!ended) return refuse(409, 'conflict', `Instance '${instance.id}' has not ended.`);
    const again = engine.start(instance.name, instance.input === undefined ? {} : { input: instance.input });
    return accepted(response, urls.forInstance(again.id));
  }
  if (!['raiseEvent', 'terminate', 'suspend', 'resume'].includes(operation))
    return refuse(404, 'not-found', `No operation '${operation}'.`);
  if (ended) return gone();
  if (operation === 'raiseEvent') {
    const text = String(await readBody(call.request));
    if (text !== '' && !isJson(text)) return refuse(400, 'invalid-input', 'The event is no JSON.');
    engine.raise(instance, parts[3] ?? '', text === '' ? undefined : text);
  } else if (operation === 'terminate')
    engine.setStatus(instance, 'Terminated', JSON.stringify(query.get('reason') ?? ''));
  else engine.setStatus(instance, operation === 'suspend' ? 'Suspended' : 'Running');
  send(response, 202);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
