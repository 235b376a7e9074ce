/** What a delta query asks for: its stream, `$select`, the ids or types it follows, and where a token makes it go on. */
import { badRequest, GraphError, notImplemented, selectUnknown, unsupportedQuery } from '../errors.ts';
import { type Filter, parseFilter } from '../odata/filter.ts';
import { readSelect } from '../odata/options.ts';
import type { Call } from '../request.ts';
import { knownProperties } from '../resources/extension-types.ts';
import { allKinds, kindOf } from '../resources/kinds.ts';
import { refuseSingleOnly } from '../resources/listing.ts';
import { graphType } from '../schema/schema.ts';
import { type DirectoryType, directoryTypes, type Relation } from '../tenant/entity.ts';
import { horizonOf } from './changes.ts';
import { type DeltaToken, readDelta } from './token.ts';

export interface DeltaStream {
  /** Empty: any, named by `isof` in the filter. */
  readonly types: readonly DirectoryType[];
  readonly context: string;
  /** Relations that `$select` may name. */
  readonly relations: readonly Relation[];
  /** Those told without `$select`. */
  readonly usualRelations: readonly Relation[];
}

/** How many objects users, groups and directoryObjects follow by id; elsewhere only the length of a URL ends it (graph-facts 2.1). */
const mostIds = 50;
const counted: ReadonlySet<string> = new Set(['users', 'groups', 'directoryObjects']);

/** Where a request starts: at a token, or at the beginning. Throws what Graph refuses. */
export function startOf(call: Call, stream: DeltaStream): DeltaToken {
  const skip = call.query.get('$skiptoken');
  const delta = call.query.get('$deltatoken');
  for (const name of call.query.keys()) {
    // $top, $expand and $orderby are silently ignored (graph-facts 2.1, I: #17516).
    if (!['$select', '$filter', '$deltatoken', '$skiptoken', '$top', '$expand', '$orderby'].includes(name)) {
      throw notImplemented(`the query option ${name} on ${call.route}`);
    }
  }
  const select = readSelect(call);
  if (skip !== null) {
    if (select !== null) throw unsupportedQuery('A delta query with $skiptoken takes no $select.');
    return readDelta(call, skip);
  }
  if (delta !== null && delta !== '' && delta !== 'latest') {
    const token = readDelta(call, delta);
    if (select === null) return token;
    // A deltaLink may change what is tracked from then on (L:delta-query-overview, note on $select).
    checkNames(call, stream, select, token.types);
    return { ...token, select };
  }
  const asked = readIdentities(call, stream);
  const horizon = horizonOf(call.tenant, call.settings.replicationDelayMs);
  if (select !== null) checkNames(call, stream, select, asked.types);
  return {
    phase: delta === 'latest' ? 'idle' : 'all',
    path: call.route,
    select,
    ids: asked.ids,
    types: asked.types,
    from: horizon,
    to: delta === 'latest' ? -1 : horizon,
    at: -1,
    inside: null,
    minimal: false,
    issuedMs: call.tenant.clock.nowMs(),
    begun: false,
  };
}

/** The round of changes that a deltaLink begins. */
export function beginRound(call: Call, token: DeltaToken): DeltaToken {
  // `to` of -1 marks `latest`: nothing to tell, only a link.
  const latest = token.to === -1;
  return {
    ...token,
    phase: 'changes',
    to: latest ? token.from : Math.max(token.from, horizonOf(call.tenant, call.settings.replicationDelayMs)),
    at: 0,
    inside: null,
    minimal: /return=minimal/i.test(call.headers.get('prefer') ?? ''),
    issuedMs: call.tenant.clock.nowMs(),
    begun: latest,
  };
}

function readIdentities(
  call: Call,
  stream: DeltaStream,
): { ids: readonly string[] | null; types: readonly string[] | null } {
  const text = call.query.get('$filter');
  if (text === null) {
    if (stream.types.length === 0)
      throw badRequest("directoryObjects/delta needs a $filter with isof('microsoft.graph.user') or others.");
    return { ids: null, types: null };
  }
  const ids: string[] = [];
  const types: string[] = [];
  const gather = (filter: Filter): void => {
    if (filter.kind === 'or') {
      gather(filter.left);
      gather(filter.right);
    } else if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path === 'id')
      ids.push(String(filter.value).toLowerCase());
    else if (filter.kind === 'isof' && stream.types.length === 0) {
      if (!directoryTypes.some((type) => type === filter.type))
        throw notImplemented(`isof('${filter.type}') on ${call.route}`);
      types.push(filter.type);
    } else throw unsupportedQuery('The $filter of a delta query takes only the ids of objects to track.');
  };
  gather(parseFilter(text));
  if (ids.length > mostIds && counted.has(stream.context))
    throw unsupportedQuery(`A delta query can track at most ${mostIds} ids.`);
  return { ids: ids.length > 0 ? ids : null, types: types.length > 0 ? types : null };
}

export function typesOf(
  stream: DeltaStream,
  token: { readonly types: readonly string[] | null },
): readonly DirectoryType[] {
  if (stream.types.length > 0) return stream.types;
  return directoryTypes.filter((type) => token.types?.includes(type) ?? true);
}

function relationsOf(call: Call, stream: DeltaStream): readonly Relation[] {
  const sponsors = stream.types[0] === 'user' && call.settings.sponsorsInUserDelta;
  return sponsors ? [...stream.relations, 'sponsors'] : stream.relations;
}

/** Kept apart from the users they belong to: seen refused (I: microsoft-graph-explorer-v4#3189), and for the attributes inferred, since nobody documents them here. */
const untold: ReadonlySet<string> = new Set(['signInActivity', 'customSecurityAttributes']);

function checkNames(call: Call, stream: DeltaStream, select: readonly string[], types: readonly string[] | null): void {
  const among = typesOf(stream, { types });
  const relations = relationsOf(call, stream);
  for (const selected of select) {
    const { type: only, name } = readSelected(stream, selected);
    const asked = only === null ? among : among.filter((type) => type === only);
    const known = asked.some((type) => knownProperties(call, type).has(name));
    if (!known && (asked.length === 0 || !relations.some((relation) => relation === name))) {
      throw selectUnknown(name, only ?? among[0] ?? 'directoryObject');
    }
  }
  const [apart] = select.filter((name) => untold.has(name));
  if (apart !== undefined)
    throw new GraphError(
      400,
      'BadRequest',
      `Invalid request for delta query: for this entity set, $expand/$select is not supported for the following properties: ${apart}`,
    );
  for (const kind of allKinds) if (among.length === 1 && among[0] === kind.type) refuseSingleOnly(kind, select);
}

/** `microsoft.graph.user/surname` asks one type only, in a stream of several (L:api/directoryobject-delta, example 3). */
function readSelected(stream: DeltaStream, selected: string): { readonly type: string | null; readonly name: string } {
  const typed = stream.types.length === 0 ? /^microsoft\.graph\.([A-Za-z]+)\/(.+)$/.exec(selected) : null;
  return { type: typed?.[1] ?? null, name: typed?.[2] ?? selected };
}

export interface Wanted {
  readonly names: readonly string[];
  readonly relations: readonly Relation[];
}

/** The properties and relations a query tells of one type. */
export function wanted(call: Call, stream: DeltaStream, token: DeltaToken, type: DirectoryType): Wanted {
  const properties = token.select === null ? graphType(type).properties : knownProperties(call, type);
  if (token.select === null) {
    const kind = kindOf(type);
    const all = kind.defaults ?? [...properties.keys()];
    return { names: all.filter((name) => !kind.singleOnly.includes(name)), relations: stream.usualRelations };
  }
  const names = token.select
    .map((selected) => readSelected(stream, selected))
    .filter((selected) => selected.type === null || selected.type === type)
    .map(({ name }) => name);
  return {
    names: names.filter((name) => properties.has(name)),
    relations: relationsOf(call, stream).filter((relation) => names.includes(relation)),
  };
}
