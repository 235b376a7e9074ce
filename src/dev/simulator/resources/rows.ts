/** Lists of things that are no directory objects (roles, SKUs, domains): the same query options over plain rows. */
import { notFound, unsupportedQuery } from '../errors.ts';
import { checkFilter, passes } from '../odata/evaluate.ts';
import { parseFilter } from '../odata/filter.ts';
import { allowOptions, isEventual, readExpand, readSelect, readTop, wantsCount } from '../odata/options.ts';
import { nextLink, unpackToken } from '../odata/token.ts';
import { type Call, contextUrl, type GraphResponse, json, type Route } from '../request.ts';
import { graphType } from '../schema/schema.ts';
import type { Row } from '../tenant/entity.ts';
import type { FilterSupport } from './filterable.ts';
import { checkSelect } from './render.ts';

/** What `$expand` puts beside a row; null: nothing is there. */
export type RowExpanders = Readonly<
  Record<string, (call: Call, row: Row, select: readonly string[] | null) => unknown>
>;

/** No table is documented for these resources. */
const anyProperty: FilterSupport = { eq: 'D', startsWith: 'D', range: 'D', isNull: 'D' };

/** `GET` of a collection of rows and of one of them. `type`: the short Graph type, which names its properties. */
export function rowRoutes(
  path: string,
  type: string,
  contextOf: string | ((call: Call) => string),
  rows: (call: Call) => readonly Row[],
  expanders: RowExpanders = {},
): readonly Route[] {
  const named = (call: Call): string => (typeof contextOf === 'string' ? contextOf : contextOf(call));
  return [
    { method: 'GET', template: path, handle: (call) => listRows(call, type, named(call), rows(call), expanders) },
    {
      method: 'GET',
      template: `${path}/{id}`,
      handle: (call) => {
        allowOptions(call, ['$select', '$expand']);
        const id = call.params.at(-1) ?? '';
        const row = rows(call).find((candidate) => candidate.id === id);
        if (row === undefined) throw notFound(id);
        return json({ '@odata.context': contextUrl(`${named(call)}/$entity`), ...shape(call, type, expanders)(row) });
      },
    },
  ];
}

/** One page of rows. */
export function listRows(
  call: Call,
  type: string,
  context: string,
  rows: readonly Row[],
  expanders: RowExpanders = {},
): GraphResponse {
  allowOptions(call, ['$select', '$filter', '$expand', '$top', '$count', '$skiptoken']);
  const text = call.query.get('$filter');
  let admitted = rows;
  if (text !== null) {
    const filter = parseFilter(text);
    const needs = checkFilter(filter, { type, support: () => anyProperty });
    if (needs.advanced && !isEventual(call)) throw unsupportedQuery('Unsupported Query.');
    admitted = rows.filter((row) => passes(filter, (name) => row[name]));
  }
  const token = call.query.get('$skiptoken');
  const skip = token === null ? 0 : Number(unpackToken(token).skip ?? 0);
  const size = Math.min(readTop(call) ?? 999, call.settings.pageSize.list);
  const next = skip + size < admitted.length ? { '@odata.nextLink': nextLink(call, { skip: skip + size }) } : {};
  const show = shape(call, type, expanders);
  return json({
    '@odata.context': contextUrl(context),
    ...(wantsCount(call) && token === null ? { '@odata.count': admitted.length } : {}),
    ...next,
    value: admitted.slice(skip, skip + size).map(show),
  });
}

function shape(call: Call, type: string, expanders: RowExpanders): (row: Row) => Row {
  const select = readSelect(call);
  const expansion = readExpand(call, Object.keys(expanders));
  if (select !== null) checkSelect(type, select);
  const { properties, navigation } = graphType(type);
  // A row may hold more than its type shows: when an assignment by schedule ends, for one.
  const isShown = ([name]: [string, unknown]) => name.includes('@') || properties.has(name) || navigation.has(name);
  return (row) => {
    const body: Record<string, unknown> =
      select === null
        ? Object.fromEntries(Object.entries(row).filter(isShown))
        : Object.fromEntries(select.map((name) => [name, row[name] ?? null]));
    if (expansion !== null) body[expansion.relation] = expanders[expansion.relation]?.(call, row, expansion.select);
    return body;
  };
}
