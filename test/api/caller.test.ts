/** Who asks, and what the caller's role allows: believed where the platform vouches for it, and nowhere else. */
import { HttpRequest, InvocationContext } from '@azure/functions';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { callerOf, callerRoles } from '../../src/api/caller.ts';
import { handling, json } from '../../src/api/handling.ts';

interface Claim {
  readonly typ: string;
  readonly val: string;
}

const request = (claims?: readonly Claim[] | string, method = 'POST') => {
  const told = typeof claims === 'string' ? claims : Buffer.from(JSON.stringify({ claims })).toString('base64');
  const headers = claims === undefined ? {} : { 'x-ms-client-principal': told };
  return new HttpRequest({ method, url: 'http://127.0.0.1/api/jobs/x', headers, params: { id: 'x' } });
};
const signIn = () => void vi.stubEnv('WEBSITE_AUTH_ENABLED', 'True');
afterEach(() => void vi.unstubAllEnvs());

const ada: Claim = { typ: 'preferred_username', val: 'ada@contoso.com' };
const role = (val: string): Claim => ({ typ: 'roles', val });

describe('who asks', () => {
  it('is whoever holds the key, where nobody signed in', () => {
    expect(callerOf(request())).toBe('function-key');
    signIn();
    expect(callerOf(request())).toBe('function-key');
  });

  it('R59 is never taken from a header that anybody could have written', () => {
    expect(callerOf(request([ada]))).toBe('function-key');
  });

  it.each([
    ['the name', [ada], 'ada@contoso.com'],
    [
      'the object id',
      [{ typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: 'oid-1' }],
      'oid-1',
    ],
    ['nobody in particular', [], 'signed-in caller'],
  ])('is %s that the platform vouches for', (_, claims, expected) => {
    signIn();
    expect(callerOf(request(claims))).toBe(expected);
  });

  it('is not taken from nonsense', () => {
    signIn();
    expect(callerOf(request('!!'))).toBe('signed-in caller');
  });
});

describe('a signed-in caller', () => {
  const answer = async (claims: readonly Claim[], method: string) => {
    signIn();
    const handler = handling(async () => json({}));
    const { status, body } = (await handler(request(claims, method), new InvocationContext())) as {
      status: number;
      body: string;
    };
    return [status, JSON.parse(body).code];
  };

  it('is let in by the role that the request takes', async () => {
    const [operator, reader] = [
      [ada, role(callerRoles.operator)],
      [ada, role(callerRoles.reader)],
    ];
    expect(await answer(operator, 'POST')).toEqual([200, undefined]);
    expect(await answer(operator, 'GET')).toEqual([200, undefined]);
    expect(await answer(reader, 'GET')).toEqual([200, undefined]);
    expect(await answer(reader, 'DELETE')).toEqual([403, 'forbidden']);
    expect(await answer([ada], 'GET')).toEqual([403, 'forbidden']);
  });
});

it('what goes wrong unexpectedly is logged by name and place, and never by its text', async () => {
  const said: string[] = [];
  const context = new InvocationContext({ logHandler: (_level, ...args) => void said.push(args.join(' ')) });
  const secret = 'Ada Lovelace';
  const handler = handling(async () => JSON.parse(`{"displayName":"${secret}`));
  const { status } = (await handler(request(), context)) as { status: number };
  expect(status).toBe(500);
  expect(said.join('\n')).toContain('SyntaxError');
  expect(said.join('\n')).toContain('caller.test.ts');
  expect(said.join('\n')).not.toContain(secret);
});
