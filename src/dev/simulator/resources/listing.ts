/** Lists of directory objects: filter, search, order, count and pages, the same for every collection (graph-facts 3.1). */
import { badRequest, GraphError, selectUnknown, unsupportedQuery } from '../errors.ts';
import { checkFilter, passes } from '../odata/evaluate.ts';
import { type Filter, parseFilter } from '../odata/filter.ts';
import {
  allowOptions,
  type Expansion,
  isEventual,
  readExpand,
  readSelect,
  readTop,
  wantsCount,
} from '../odata/options.ts';
import { nextLink, unpackToken } from '../odata/token.ts';
import { type Call, contextUrl, type GraphResponse, json } from '../request.ts';
import { graphType } from '../schema/schema.ts';
import type { DirectoryType, Entity } from '../tenant/entity.ts';
import { positionAfter } from '../tenant/order.ts';
import { knownProperties } from './extension-types.ts';
import { filterSupport, orderSupport } from './filterable.ts';
import { type Kind, kindOf } from './kinds.ts';
import { isReplicated } from './lookup.ts';
import { checkSelect, propertyValue, render, renderTyped } from './render.ts';
import { readSearch } from './searching.ts';
import { conceal } from './visibility.ts';

export interface Listing {
  /** In the order of birth, or any order when `keyed` is given. */
  readonly entities: readonly Entity[];
  /** All of one type; null: directory objects of several, each under its `@odata.type`. */
  readonly type: DirectoryType | null;
  /** What the context URL names. */
  readonly context: string;
  /** Whether binned objects are listed (deletedItems) or living ones. */
  readonly binned?: boolean;
  /** Relations that `$expand` may name, and what they show. */
  readonly expand?: Readonly<Record<string, (call: Call, entity: Entity, expansion: Expansion) => unknown>>;
  /** Entities are not in the order of birth: pages are counted, not resumed by birth. */
  readonly keyed?: boolean;
  /** Page size without `$top` (graph-facts 3.1: 100). */
  readonly page?: number;
}

const options = ['$select', '$filter', '$expand', '$top', '$count', '$orderby', '$search', '$skiptoken'];
const usualPage = 100;

/** Answers one page. Throws what Graph refuses. */
export function listPage(call: Call, listing: Listing): GraphResponse {
  if (call.query.has('$skip')) throw badRequest("'$skip' is not supported by the service.");
  allowOptions(call, options);
  const { type } = listing;
  const select = readListSelect(call, listing);
  const expansion = readExpand(call, Object.keys(listing.expand ?? {}));
  const filter = readFilter(call, listing);
  const search = readSearch(call);
  const order = readOrder(call, listing.type ?? 'user');
  if (search !== null && !isEventual(call)) {
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  }
  const paging = call.query.has('$skiptoken');
  if (order !== null && (order.advanced || filter !== null) && !(isEventual(call) && (wantsCount(call) || paging))) {
    throw advancedNeeded('$orderby');
  }
  const admits = (entity: Entity): boolean =>
    (entity.deletedDateTime !== null) === (listing.binned ?? false) &&
    (listing.binned === true || isReplicated(call, entity)) &&
    (filter === null || entityPasses(call, entity, filter)) &&
    (search?.(call, entity) ?? true);
  const size = Math.min(readTop(call) ?? listing.page ?? usualPage, call.settings.pageSize.list);
  const token = call.query.get('$skiptoken');
  const state = token === null ? null : unpackToken(token);
  const whole = listing.type !== null && listing.entities === call.tenant.ofType(listing.type);
  const shortcut =
    filter === null || !whole ? null : byUniqueValue(call, filter)?.filter(({ type: of }) => of === type);
  const source = shortcut ?? listing.entities;
  const page =
    order !== null || listing.keyed === true || shortcut != null
      ? pageByCount(
          order === null ? source : [...source].sort(order.compare(call)),
          admits,
          size,
          Number(state?.skip ?? 0),
        )
      : pageByBirth(source, admits, size, Number(state?.after ?? -1));
  const show = (entity: Entity): Record<string, unknown> => {
    const body =
      listing.type === null
        ? renderTyped(call, entity, select)
        : conceal(call, entity.type, render(call, entity, select));
    if (listing.binned === true) hideSecurity(entity, body);
    if (expansion !== null) body[expansion.relation] = listing.expand?.[expansion.relation]?.(call, entity, expansion);
    return body;
  };
  const count =
    wantsCount(call) && isEventual(call) && state === null ? { '@odata.count': countAll(source, admits) } : {};
  const suffix = select === null ? '' : `(${select.join(',')})`;
  return json({
    '@odata.context': contextUrl(`${listing.context}${suffix}`),
    ...count,
    ...(page.next === null ? {} : { '@odata.nextLink': nextLink(call, page.next) }),
    value: page.entities.map(show),
  });
}

/** `GET .../$count`: a plain number, only for callers who accept an eventual index. Throws 400 else. */
export function countOf(call: Call, listing: Listing): GraphResponse {
  allowOptions(call, ['$filter', '$search']);
  if (!isEventual(call))
    throw unsupportedQuery("$count is only supported with the header 'ConsistencyLevel: eventual'.");
  const filter = readFilter(call, listing, true);
  const search = readSearch(call);
  const count = countAll(
    listing.entities,
    (entity) =>
      (entity.deletedDateTime !== null) === (listing.binned ?? false) &&
      (listing.binned === true || isReplicated(call, entity)) &&
      (filter === null || entityPasses(call, entity, filter)) &&
      (search?.(call, entity) ?? true),
  );
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: Buffer.from(String(count)) };
}

function readListSelect(call: Call, listing: Listing): readonly string[] | null {
  const select = readSelect(call);
  if (select === null) return null;
  if (listing.type === null) {
    for (const name of select) if (!directoryNames().has(name)) throw selectUnknown(name, 'directoryObject');
    return select;
  }
  checkSelect(listing.type, select, knownProperties(call, listing.type));
  refuseSingleOnly(kindOf(listing.type), select);
  return select;
}

let names: Set<string> | null = null;
/** A list of several types takes the names of any of them. */
function directoryNames(): ReadonlySet<string> {
  names ??= new Set(
    (
      ['user', 'group', 'administrativeUnit', 'directoryRole', 'device', 'servicePrincipal', 'orgContact'] as const
    ).flatMap((type) => [...graphType(type).properties.keys()]),
  );
  return names;
}

/** Properties kept outside the directory cannot be in a collection: 501 (L:api/user-list). */
export function refuseSingleOnly(kind: Kind, select: readonly string[]): void {
  const name = select.find((candidate) => kind.singleOnly.includes(candidate));
  if (name !== undefined)
    throw new GraphError(501, 'NotImplemented', `The property '${name}' cannot be returned within a collection.`);
}

function readFilter(call: Call, listing: Listing, counting = false): Filter | null {
  const text = call.query.get('$filter');
  if (text === null) return null;
  const filter = parseFilter(text);
  // Elements of a list of several types are filtered as users are: by what all of them have.
  const type = listing.type ?? 'user';
  const needs = checkFilter(filter, { type, support: (property) => filterSupport(type, property) });
  const advanced = isEventual(call) && (counting || wantsCount(call) || call.query.has('$skiptoken'));
  // Filters on relationships are always advanced queries.
  if ((needs.advanced || listing.keyed === true) && !advanced) throw advancedNeeded('$filter');
  if (needs.plain && advanced) throw unsupportedQuery('The filter is not supported with advanced query parameters.');
  if (needs.advanced && call.query.has('$expand'))
    throw unsupportedQuery('$expand is not supported with advanced query parameters.');
  return filter;
}

const advancedNeeded = (what: string): GraphError =>
  unsupportedQuery(
    `${what} is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information`,
  );

export function entityPasses(call: Call, entity: Entity, filter: Filter): boolean {
  return passes(
    filter,
    (name) => (name.includes('/') ? undefined : propertyValue(call, entity, name)),
    (type) => type === entity.type,
  );
}

interface Order {
  readonly advanced: boolean;
  readonly compare: (view: Call) => (left: Entity, right: Entity) => number;
}

function readOrder(call: Call, type: string): Order | null {
  const text = call.query.get('$orderby');
  if (text === null) return null;
  const [name = '', direction = 'asc', ...rest] = text.trim().split(/\s+/);
  const support = orderSupport(type, name);
  if (rest.length > 0 || !['asc', 'desc'].includes(direction.toLowerCase()))
    throw unsupportedQuery(`Invalid $orderby: ${text}`);
  if (support === '-') throw unsupportedQuery(`Sorting not supported for property '${name}'.`);
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  const compare =
    (view: Call) =>
    (left: Entity, right: Entity): number => {
      const [a, b] = [left, right].map((entity) => String(propertyValue(view, entity, name) ?? '').toLowerCase());
      return (a ?? '') < (b ?? '') ? -sign : (a ?? '') > (b ?? '') ? sign : left.born - right.born;
    };
  return { advanced: support === 'A', compare };
}

interface Page {
  readonly entities: readonly Entity[];
  readonly next: object | null;
}

function pageByBirth(
  entities: readonly Entity[],
  admits: (entity: Entity) => boolean,
  size: number,
  after: number,
): Page {
  const page: Entity[] = [];
  for (let at = positionAfter(entities, after); at < entities.length; at += 1) {
    const entity = entities[at];
    if (entity === undefined || !admits(entity)) continue;
    if (page.length === size) return { entities: page, next: { after: page.at(-1)?.born } };
    page.push(entity);
  }
  return { entities: page, next: null };
}

function pageByCount(
  entities: readonly Entity[],
  admits: (entity: Entity) => boolean,
  size: number,
  skip: number,
): Page {
  const admitted = entities.filter(admits);
  const page = admitted.slice(skip, skip + size);
  return { entities: page, next: skip + size < admitted.length ? { skip: skip + size } : null };
}

function countAll(entities: readonly Entity[], admits: (entity: Entity) => boolean): number {
  return entities.reduce((count, entity) => count + (admits(entity) ? 1 : 0), 0);
}

/** The few objects an equality on a unique property can mean, so that a search by name need not read the whole tenant. */
function byUniqueValue(call: Call, filter: Filter): readonly Entity[] | null {
  if (filter.kind === 'and') return byUniqueValue(call, filter.left) ?? byUniqueValue(call, filter.right);
  if (filter.kind === 'or') {
    const [left, right] = [byUniqueValue(call, filter.left), byUniqueValue(call, filter.right)];
    return left === null || right === null ? null : [...new Set([...left, ...right])];
  }
  const values =
    filter.kind === 'compare' && filter.operator === 'eq'
      ? [filter.value]
      : filter.kind === 'in'
        ? filter.values
        : null;
  if (values === null || (filter.kind !== 'compare' && filter.kind !== 'in')) return null;
  const { path } = filter;
  const { tenant } = call;
  const ids = values.flatMap((value) => {
    if (typeof value !== 'string') return [];
    if (path === 'id') return [value.toLowerCase()];
    return path === 'userPrincipalName' || path === 'onPremisesImmutableId' ? [...tenant.holders(path, value)] : [];
  });
  if (path !== 'id' && path !== 'userPrincipalName' && path !== 'onPremisesImmutableId') return null;
  const found = [...new Set(ids)].map((id) => tenant.get(id)).filter((entity) => entity !== undefined);
  return found.sort((left, right) => left.born - right.born);
}

/** In the bin a security group looks disabled, as it is documented (graph-facts 5, L:api/directory-deleteditems-list). */
export function hideSecurity(entity: Entity, body: Record<string, unknown>): void {
  if (entity.type === 'group' && 'securityEnabled' in body) body.securityEnabled = false;
}
