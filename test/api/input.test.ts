import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nextLink } from '../../src/api/handling.ts';
import { bodyOf, pathPart, queryOf, top } from '../../src/api/input.ts';

const request = (query = '', init: { body?: string; headers?: Record<string, string> } = {}) =>
  new HttpRequest({
    method: 'POST',
    url: `http://127.0.0.1/api/jobs${query}`,
    headers: init.headers ?? {},
    params: { id: 'x' },
    ...(init.body === undefined ? {} : { body: { string: init.body } }),
  });

describe('what callers send', () => {
  it('is read by its schema, with defaults, the key left out', () => {
    expect(queryOf(request('?top=7&code=secret'), { top })).toEqual({ top: 7 });
    expect(queryOf(request(), { top })).toEqual({ top: 100 });
    expect(pathPart(request(), 'id')).toBe('x');
  });

  it.each(['?top=0', '?top=1001', '?top=many', '?top=1&colour=red'])('is refused with every complaint: %s', (query) => {
    expect(() => queryOf(request(query), { top, kind: z.string().optional() })).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
  });

  it('may be nothing only where nothing means something', async () => {
    expect(await bodyOf(request(), {})).toEqual({});
    await expect(bodyOf(request())).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(bodyOf(request('', { body: '{"a":' }))).rejects.toMatchObject({ code: 'invalid-input' });
    expect(await bodyOf(request('', { body: '{"a":1}' }))).toEqual({ a: 1 });
  });
});

describe('the next page', () => {
  it('keeps the question and drops the key', () => {
    const { nextLink: link = '' } = nextLink(request('?top=2&code=secret'), 'c 1');
    expect(Object.fromEntries(new URL(link).searchParams)).toEqual({ top: '2', cursor: 'c 1' });
    expect(nextLink(request(), undefined)).toEqual({});
  });
});
