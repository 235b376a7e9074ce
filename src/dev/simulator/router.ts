/** Finds the handler of a path. Keys may stand in parentheses, function names in full, casts in either form, as in Graph. */
import { badRequest, methodNotAllowed, notImplemented } from './errors.ts';
import type { Route } from './request.ts';

export interface RouteMatch {
  readonly route: Route;
  readonly template: string;
  readonly params: readonly string[];
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | null;
  cast: Node | null;
  readonly routes: Map<string, Route>;
}

export interface Router {
  /** Throws GraphError 501 for a path nobody serves, 405 for a method it does not take. */
  match(method: string, path: string): RouteMatch;
  /** The template of a path, or the path itself when unknown: what it is counted under. */
  templateOf(method: string, path: string): string;
}

const newNode = (): Node => ({ literals: new Map(), parameter: null, cast: null, routes: new Map() });

export function createRouter(routes: readonly Route[]): Router {
  const root = newNode();
  for (const route of routes) {
    let node = root;
    for (const segment of route.template.split('/').slice(1)) node = step(node, segment);
    if (node.routes.has(route.method)) throw new Error(`two routes ${route.method} ${route.template}`);
    node.routes.set(route.method, route);
  }
  const find = (path: string): { node: Node; params: readonly string[] } | null => {
    const segments = splitPath(path);
    const params: string[] = [];
    let node: Node | undefined = root;
    for (const segment of segments) {
      const literal: Node | undefined = node.literals.get(segment.toLowerCase());
      if (literal !== undefined) {
        node = literal;
        continue;
      }
      params.push(segment);
      node = (node.cast !== null && segment.startsWith('microsoft.graph.') ? node.cast : node.parameter) ?? undefined;
      if (node === undefined) return null;
    }
    return { node, params };
  };
  const match = (method: string, path: string): RouteMatch => {
    const found = find(path);
    if (found === null || found.node.routes.size === 0) throw notImplemented(`${method} ${path}`);
    const route = found.node.routes.get(method);
    if (route === undefined) throw methodNotAllowed();
    return { route, template: nameRoute(route.template, found.params), params: found.params };
  };
  return {
    match,
    templateOf: (method, path) => {
      const found = find(path);
      const route = found?.node.routes.get(method);
      return route === undefined || found === null ? path : nameRoute(route.template, found.params);
    },
  };
}

function step(node: Node, segment: string): Node {
  if (segment === '{id}') {
    node.parameter ??= newNode();
    return node.parameter;
  }
  if (segment === '{cast}') {
    node.cast ??= newNode();
    return node.cast;
  }
  const name = segment.toLowerCase();
  let next = node.literals.get(name);
  if (next === undefined) {
    next = newNode();
    node.literals.set(name, next);
  }
  return next;
}

/** The template with the casts that were asked for. */
function nameRoute(template: string, params: readonly string[]): string {
  let at = 0;
  return template.replace(/\{(id|cast)\}/g, (whole, kind) => {
    const value = params[at];
    at += 1;
    return kind === 'cast' ? (value ?? whole) : whole;
  });
}

/** Bound functions and actions, which a caller may name in full. */
const functions =
  /^microsoft\.graph\.(delta|getByIds|getAvailableExtensionProperties|restore|assignLicense|getMemberGroups|getMemberObjects|checkMemberGroups|checkMemberObjects|revokeSignInSessions|validateProperties)$/i;

/** `/users('a')/microsoft.graph.delta()` -> `users`, `a`, `delta`; `roleTemplateId='x'` as a key stays with its name. */
export function splitPath(path: string): readonly string[] {
  const segments: string[] = [];
  for (const raw of path.replace(/\/+$/, '').split('/').slice(1)) {
    const segment = decode(raw);
    const keyed = /^([A-Za-z.]+)\((.*)\)$/.exec(segment);
    const name = shorten(keyed?.[1] ?? segment);
    segments.push(keyed === null ? unquoteKey(name) : name);
    if (keyed !== null && keyed[2] !== undefined && keyed[2] !== '') segments.push(unquoteKey(keyed[2]));
  }
  return segments;
}

function shorten(segment: string): string {
  const named = /^graph\.[A-Za-z]+$/.test(segment) ? `microsoft.${segment}` : segment;
  return functions.exec(named)?.[1] ?? named;
}

function unquoteKey(key: string): string {
  const named = /^(roleTemplateId|userPrincipalName|appId|uniqueName)=(.*)$/.exec(key);
  const unquote = (text: string): string => text.replace(/^'(.*)'$/, '$1').replaceAll("''", "'");
  return named === null ? unquote(key) : `${named[1]}=${unquote(named[2] ?? '')}`;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('The path is not URL-encoded.');
  }
}
