/** A Graph request and its answer, without a socket: what the pipeline, `$batch` and every handler speak. */
import type { Settings } from './settings.ts';
import type { Tenant } from './tenant/tenant.ts';

/** `app`: the product's own app, with the rights of `settings`; `outside`: an administrator beside it (contract 3). */
export type Caller = 'app' | 'outside';

export interface GraphRequest {
  readonly method: string;
  /** Below `/v1.0`, as sent: `/users/a%40b.com/manager/$ref`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Parsed JSON, bytes when the content type is no JSON, undefined when there was none. */
  readonly body: unknown;
  readonly caller: Caller;
  /** Where this simulator is reached, `http://127.0.0.1:7072/v1.0`; nextLinks begin with it. */
  readonly base: string;
  /** When it came, or the batch it is part of; in ms of the tenant's clock. */
  readonly arrivedMs: number;
}

export interface GraphResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or bytes, or undefined for no body. */
  readonly body: unknown;
}

/** What a handler gets: the request, what its route's parameters stood for, and the tenant. */
export interface Call extends GraphRequest {
  /** Values of `{id}` and `{cast}` in the order they stand in the template, decoded. */
  readonly params: readonly string[];
  /** The template, casts filled in: `/users/{id}/memberOf/microsoft.graph.group`. */
  readonly route: string;
  readonly tenant: Tenant;
  readonly settings: Settings;
}

export interface Route {
  readonly method: string;
  /** Segments: literals, `{id}`, `{cast}` (a `microsoft.graph.` type name). */
  readonly template: string;
  readonly handle: (call: Call) => GraphResponse;
}

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): GraphResponse => ({
  status,
  headers,
  body,
});

export const noContent = (): GraphResponse => ({ status: 204, headers: {}, body: undefined });

/** The headers of JSON in an answer: what succeeds says how it is written, what fails only that it is JSON (L:json-batching). */
export const jsonHeaders = (status: number): Readonly<Record<string, string>> =>
  status < 400
    ? {
        'OData-Version': '4.0',
        'Content-Type':
          'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
      }
    : { 'Content-Type': 'application/json' };

/** The context URL keeps Microsoft's host (contract 3). */
export const contextUrl = (of: string): string => `https://graph.microsoft.com/v1.0/$metadata#${of}`;

export const param = (call: Call, at: number): string => call.params[at] ?? '';
