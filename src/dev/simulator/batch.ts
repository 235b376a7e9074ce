/** `$batch` (graph-facts 1.3): up to 20 sub-requests, each answered for itself; order by `dependsOn`; no two writes to one object. */
import { concurrencyViolation, GraphError } from './errors.ts';
import { type GraphRequest, type GraphResponse, jsonHeaders } from './request.ts';
import { resolveUserId } from './resources/lookup.ts';
import { splitPath } from './router.ts';
import type { Tenant } from './tenant/tenant.ts';

interface Part {
  readonly id: string;
  readonly request: GraphRequest;
  readonly dependsOn: readonly string[];
}

export type Serve = (request: GraphRequest, refuse: GraphError | null) => Promise<GraphResponse | 'cut'>;

const mostParts = 20;
const invalid = (message: string): GraphError => new GraphError(400, 'BadRequest', message);

/** Answers a batch; `cut` when a scripted fault on a part closes the connection. Throws GraphError 400 for a malformed one. */
export async function answerBatch(
  envelope: GraphRequest,
  serve: Serve,
  tenant: Tenant,
): Promise<GraphResponse | 'cut'> {
  const parts = parseParts(envelope);
  const status = new Map<string, number>();
  const responses: object[] = [];
  const written = new Map<string, Part[]>();
  let cut = false;
  for (const part of parts) {
    const failed = part.dependsOn.find((id) => (status.get(id.toLowerCase()) ?? 500) >= 400);
    let answer: GraphResponse | 'cut';
    if (failed !== undefined) {
      const error = { code: 'FailedDependency', message: `The request depends on '${failed}', which failed.` };
      answer = { status: 424, headers: {}, body: { error } };
    } else {
      const object = writtenObject(part.request, tenant);
      const rivals = object === null ? [] : (written.get(object) ?? []);
      const parallel = rivals.some((rival) => !reaches(part, rival, parts));
      answer = await serve(part.request, parallel ? concurrencyViolation() : null);
      if (object !== null && answer !== 'cut' && answer.status < 400) written.set(object, [...rivals, part]);
    }
    if (answer === 'cut') {
      cut = true;
      status.set(part.id.toLowerCase(), 503);
      continue;
    }
    status.set(part.id.toLowerCase(), answer.status);
    responses.push(encode(part.id, answer));
  }
  return cut ? 'cut' : { status: 200, headers: {}, body: { responses } };
}

function parseParts(envelope: GraphRequest): readonly Part[] {
  const list = isObject(envelope.body) ? envelope.body.requests : undefined;
  if (!Array.isArray(list)) throw invalid('Invalid batch payload format.');
  if (list.length === 0) throw invalid('The batch request contains no requests.');
  if (list.length > mostParts)
    throw invalid(`Number of batch request steps exceeds the maximum value of ${mostParts}.`);
  const parts = list.map((raw) => parsePart(raw, envelope));
  const seen = new Set<string>();
  for (const part of parts) {
    const id = part.id.toLowerCase();
    if (seen.has(id)) throw invalid(`Request Id ${part.id} has to be unique in a batch.`);
    seen.add(id);
  }
  return inOrder(parts);
}

/** Each part after those it depends on, else as given. Throws for an unknown or a circular dependency. */
function inOrder(parts: readonly Part[]): readonly Part[] {
  const ordered: Part[] = [];
  const done = new Set<string>();
  let waiting = [...parts];
  while (waiting.length > 0) {
    const next = waiting.find((part) => part.dependsOn.every((id) => done.has(id.toLowerCase())));
    if (next === undefined) throw invalid('A dependency of the batch is unknown or circular.');
    ordered.push(next);
    done.add(next.id.toLowerCase());
    waiting = waiting.filter((part) => part !== next);
  }
  return ordered;
}

function parsePart(raw: unknown, envelope: GraphRequest): Part {
  if (!isObject(raw)) throw invalid('Invalid batch payload format.');
  const { id, method, url, headers = {}, body, dependsOn = [] } = raw;
  if (typeof id !== 'string' || id === '') throw invalid('Request Id is missing.');
  if (typeof method !== 'string') throw invalid(`Request ${id} has no method.`);
  if (typeof url !== 'string' || /^[a-z]+:/i.test(url)) throw invalid(`The url of request ${id} has to be relative.`);
  if (!isObject(headers) || !Array.isArray(dependsOn)) throw invalid('Invalid batch payload format.');
  const named = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  if (body !== undefined && body !== null && !named.has('content-type')) {
    throw invalid('Write request does not contain Content-Type header or body.');
  }
  const { path, query } = parseUrl(url.startsWith('/') ? url : `/${url}`);
  if (path.toLowerCase() === '/$batch') throw invalid('A batch cannot contain a batch.');
  const isJson = /json/i.test(named.get('content-type') ?? 'json');
  const content = body === null ? undefined : isJson ? body : Buffer.from(String(body), 'base64');
  return {
    id,
    dependsOn: dependsOn.map(String),
    request: { ...envelope, method: method.toUpperCase(), path, query, headers: named, body: content },
  };
}

/** Splits a URL below `/v1.0`; query options may lack their dollar sign, as Graph allows. */
export function parseUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const at = url.indexOf('?');
  const query = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(at < 0 ? '' : url.slice(at + 1))) {
    const bare = /^(select|filter|expand|top|skip|orderby|count|search|skiptoken|deltatoken|format)$/i.test(name);
    query.append(bare ? `$${name}` : name, value);
  }
  return { path: at < 0 ? url : url.slice(0, at), query };
}

/** The object a sub-request writes to, so that two parallel writes to it are seen; null for reads and creations. */
function writtenObject(request: GraphRequest, tenant: Tenant): string | null {
  if (request.method === 'GET' || request.method === 'HEAD') return null;
  const [first = '', second, third, fourth] = splitPath(request.path);
  const root = first.toLowerCase();
  if (root === 'rolemanagement' || root === 'identitygovernance') return fourth?.toLowerCase() ?? null;
  const nested = root === 'directory';
  const id = nested ? third : second;
  const deeper = nested ? fourth : third;
  if (id === undefined || /^(getByIds|delta)$/i.test(id) || /^(get|check)Member/i.test(deeper ?? '')) return null;
  return resolveUserId(tenant, id) ?? id.toLowerCase();
}

/** Whether `part` waits for `earlier`, directly or through others. */
function reaches(part: Part, earlier: Part, parts: readonly Part[]): boolean {
  return part.dependsOn.some((id) => {
    const before = parts.find((candidate) => candidate.id.toLowerCase() === id.toLowerCase());
    return before !== undefined && (before === earlier || reaches(before, earlier, parts));
  });
}

function encode(id: string, { status, headers, body }: GraphResponse): object {
  if (body === undefined) return { id, status, headers };
  if (body instanceof Uint8Array) return { id, status, headers, body: Buffer.from(body).toString('base64') };
  return { id, status, headers: { ...jsonHeaders(status), ...headers }, body };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
