/** One request to Graph and its answer, the same whether it travels alone or inside a `$batch`. */
import type { Id, Json, JsonObject } from '../directory/record.ts';

export type CallClass = 'read' | 'write';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the version, ids encoded, query included: `/users/6f1c…/manager?$select=id`. */
  readonly path: string;
  /** Its template, for messages, prices and statistics: `/users/{id}/manager`. */
  readonly route: string;
  readonly body?: JsonObject;
  /** A binary body; such a call travels alone. */
  readonly content?: { readonly bytes: Uint8Array; readonly contentType: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Sending it twice leaves the tenant as sending it once does. */
  readonly repeatable: boolean;
  /** Calls that name the same object are sent one after another, in the order they came. */
  readonly object?: Id;
  /** Does not wait while throttled: a 429 is answer enough. */
  readonly impatient?: boolean;
  /** Of a `$batch` the class of what it carries; of a POST that only asks, `read`. */
  readonly carries?: CallClass;
}

export interface Answer {
  /** 0: no answer came. */
  readonly status: number;
  readonly body: Json | undefined;
  header(name: string): string | undefined;
  /** With status 0: whether the request may have reached Graph. */
  readonly maybeDone: boolean;
  /** The call had been sent before and its first answer was lost. */
  readonly repeated?: boolean;
}

export const classOf = ({ method, carries }: Pick<Call, 'method' | 'carries'>): CallClass =>
  carries ?? (method === 'GET' ? 'read' : 'write');

export const noAnswer = (maybeDone: boolean): Answer => ({
  status: 0,
  body: undefined,
  maybeDone,
  header: () => undefined,
});

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300;

type Query = Readonly<Record<string, string | number | readonly string[]>>;

/** Path and route of an address: each `{id}` of the template stands for one of the ids. Lists are joined, `$expand` is kept as is. */
export function address(route: string, ids: readonly Id[], query: Query = {}): { path: string; route: string } {
  let at = 0;
  const path = route.replace(/\{id\}/g, () => encodeURIComponent(ids[at++] ?? ''));
  const options = Object.entries(query).map(([name, value]) => `${name}=${optionText(name, value)}`);
  return { path: options.length === 0 ? path : `${path}?${options.join('&')}`, route };
}

function optionText(name: string, value: string | number | readonly string[]): string {
  if (Array.isArray(value)) return value.join(',');
  return name === '$expand' ? String(value) : encodeURIComponent(String(value));
}

/** A read is always repeatable and touches no object. */
export const read = (route: string, ids: readonly Id[] = [], query: Query = {}): Call => ({
  method: 'GET',
  ...address(route, ids, query),
  repeatable: true,
});
