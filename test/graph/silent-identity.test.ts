/** An identity service that takes a request and never answers it. */
import { expect, it } from 'vitest';
import { tokensOf } from '../../src/graph/credential.ts';

it('gives up on a token that does not come, and asks again for the next request', async () => {
  const answers = [new Promise<never>(() => undefined), Promise.resolve({ token: 'abc', expiresOnTimestamp: 0 })];
  const getToken = async () => answers.shift() ?? null;
  const token = tokensOf({ getToken }, 'scope', 50);
  await expect(token()).rejects.toMatchObject({ code: 'graph-unreachable' });
  expect(await token()).toBe('abc');
  await expect(token()).rejects.toMatchObject({ code: 'unauthorized' });
});
