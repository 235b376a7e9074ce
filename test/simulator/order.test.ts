import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../src/dev/simulator/server.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await createSimulator({ stateDir: null, seed: 'empty', port: 0 });
});
afterAll(() => simulator.close());
beforeEach(() => control('POST', '/reset'));

async function control(method: string, door: string, body?: unknown) {
  const response = await fetch(`${simulator.url}/_control${door}`, { method, body: JSON.stringify(body) ?? null });
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}
const order = () => control('GET', '/stats/order');
const send = (method: string, path: string, body?: unknown) =>
  fetch(`${simulator.url}/v1.0${path}`, {
    method,
    headers: { authorization: 'Bearer app', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const createGroup = () =>
  send('POST', '/groups', { displayName: 'G', mailEnabled: false, mailNickname: 'g', securityEnabled: true });

it('tells when the first write came and how many requests, parts of batches too, came before it', async () => {
  expect(await order()).toEqual({ firstWriteDateTime: null, requestsBeforeWrite: 0, tooEarly: 0 });
  const requests = ['1', '2', '3'].map((id) => ({ id, method: 'GET', url: '/organization' }));
  await send('POST', '/$batch', { requests });
  await createGroup();
  await send('GET', '/organization');
  const { firstWriteDateTime, requestsBeforeWrite } = await order();
  expect(requestsBeforeWrite).toBe(3);
  expect(Math.abs(Date.parse(firstWriteDateTime) - Date.now())).toBeLessThan(60_000);
  await control('DELETE', '/stats');
  expect(await order()).toMatchObject({ firstWriteDateTime: null, requestsBeforeWrite: 0 });
});

it('counts a call of the class that was told to wait when it comes before its time, and no other', async () => {
  await control('POST', '/settings', {
    throttling: { resourceUnits: 1_000, seconds: 1, writes: 1, writeSeconds: 60 },
  });
  expect((await createGroup()).status).toBe(201);
  const refused = await createGroup();
  expect(refused.status).toBe(429);
  await control('POST', '/clock', { advance: 'PT1S' });
  await send('GET', '/organization');
  expect(await order()).toMatchObject({ tooEarly: 0 });
  await createGroup();
  expect(await order()).toMatchObject({ tooEarly: 1 });
  await control('POST', '/clock', { advance: 'PT2M' });
  expect((await createGroup()).status).toBe(201);
  expect(await order()).toMatchObject({ tooEarly: 1 });
});
