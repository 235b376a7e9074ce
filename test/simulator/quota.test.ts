import { describe, expect, it } from 'vitest';
import { costOf } from '../../src/dev/simulator/quota/cost.ts';
import { createStatsCounter } from '../../src/dev/simulator/quota/stats.ts';
import { createThrottle } from '../../src/dev/simulator/quota/throttle.ts';

const none = new URLSearchParams();
const query = (text: string): URLSearchParams => new URLSearchParams(text);
const app = { appId: 'app', tenantId: 'tenant', decimalRetryAfter: false } as const;

describe('the price of a request (graph-facts 1.1)', () => {
  it.each([
    ['GET', '/users', '', 2, 0],
    ['GET', '/users', '$select=id', 1, 0],
    ['GET', '/users', '$select=id&$expand=manager&$top=999', 2, 0],
    ['GET', '/users', '$top=5', 1, 0],
    ['GET', '/users/{id}', '$select=id&$top=5', 1, 0],
    ['GET', '/users/delta', '$select=id', 1, 0],
    ['GET', '/users/{id}/memberOf/microsoft.graph.group', '', 2, 0],
    ['GET', '/groups/{id}/members', '', 3, 0],
    ['GET', '/groups/{id}/transitiveMembers', '$select=id', 4, 0],
    ['GET', '/groups/{id}/owners', '', 1, 0],
    ['GET', '/subscribedSkus', '', 3, 0],
    ['POST', '/directoryObjects/getByIds', '', 5, 0],
    ['POST', '/directoryObjects/getByIds', '$select=id', 2, 0],
    ['POST', '/users/{id}/getMemberGroups', '', 2, 0],
    ['POST', '/users', '', 1, 1],
    ['PATCH', '/groups/{id}', '', 1, 1],
    ['PUT', '/users/{id}/manager/$ref', '', 1, 1],
    ['DELETE', '/directory/deletedItems/{id}', '', 1, 1],
    ['PUT', '/users/{id}/photo/$value', '', 0, 0],
    ['POST', '/$batch', '', 0, 0],
  ])('%s %s?%s costs %i resource units and %i writes', (method, route, text, resourceUnits, writes) => {
    expect(costOf(method, route, query(text))).toMatchObject({ resourceUnits, writes });
  });
});

describe('the quotas of an app in a tenant', () => {
  const read = costOf('GET', '/groups/{id}/transitiveMembers', none);
  const write = costOf('PATCH', '/users/{id}', none);

  it('lets a small tenant spend 3,500 resource units at once and answers 429 past them', () => {
    const throttle = createThrottle({ ...app, throttling: 'S' });
    for (let i = 0; i < 700; i += 1) expect(throttle.admit(read, 0).throttled).toBeNull();
    const refused = throttle.admit(read, 0);
    expect(refused.throttled).not.toBeNull();
    expect(refused.headers).toMatchObject({
      'Retry-After': '1',
      'x-ms-throttle-scope': 'Tenant_Application/ReadWrite/app/tenant',
      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
    });
  });

  it('lets 3,000 writes through and then 20 a second', () => {
    const throttle = createThrottle({ ...app, throttling: 'L' });
    let admitted = 0;
    while (throttle.admit(write, 0).throttled === null) admitted += 1;
    expect(admitted).toBe(3000);
    for (let i = 0; i < 20; i += 1) expect(throttle.admit(write, 1000).throttled).toBeNull();
    const refused = throttle.admit(write, 1000);
    expect(refused.headers['x-ms-throttle-information']).toBe('WriteLimitExceeded');
  });

  it('admits a caller who waits as long as Retry-After says', () => {
    for (const decimalRetryAfter of [false, true]) {
      const custom = { resourceUnits: 7, seconds: 13, writes: 3, writeSeconds: 17 };
      const throttle = createThrottle({ ...app, throttling: custom, decimalRetryAfter });
      let nowMs = 0;
      for (let i = 0; i < 50; i += 1) {
        const { throttled } = throttle.admit(write, nowMs);
        if (throttled === null) continue;
        nowMs += throttled.retryAfterSeconds * 1000;
        expect(throttle.admit(write, nowMs).throttled).toBeNull();
      }
    }
  });

  it('charges a throttled request too, so that a caller who does not wait makes no progress', () => {
    const throttle = createThrottle({
      ...app,
      throttling: { resourceUnits: 10, seconds: 10, writes: 10, writeSeconds: 10 },
    });
    for (let i = 0; i < 10; i += 1) throttle.admit(write, 0);
    for (let nowMs = 500; nowMs < 20_000; nowMs += 500) expect(throttle.admit(write, nowMs).throttled).not.toBeNull();
  });

  it('warns above 80 % of a quota', () => {
    const throttle = createThrottle({
      ...app,
      throttling: { resourceUnits: 10, seconds: 1e6, writes: 100, writeSeconds: 1 },
    });
    const seen = Array.from(
      { length: 10 },
      () => throttle.admit(write, 0).headers['x-ms-throttle-limit-percentage'] ?? '',
    );
    expect(seen.slice(0, 8)).toEqual(Array(8).fill(''));
    expect(seen.slice(8)).toEqual(['0.9', '1.0']);
    const refused = Array.from(
      { length: 30 },
      () => throttle.admit(write, 0).headers['x-ms-throttle-limit-percentage'],
    );
    // One of three, two of four, ... refused since the mark was passed; never more than 1.8.
    expect([refused[0], refused[1], refused.at(-1)]).toEqual(['1.3', '1.5', '1.8']);
  });

  it('allows signInActivity ten times a minute, beside everything else', () => {
    const throttle = createThrottle({ ...app, throttling: 'L' });
    const activity = costOf('GET', '/users', query('$select=id,signInActivity'));
    const plain = costOf('GET', '/users', query('$select=id'));
    for (let i = 0; i < 10; i += 1) expect(throttle.admit(activity, 0).throttled).toBeNull();
    expect(throttle.admit(activity, 0).headers['x-ms-throttle-scope']).toBe('Tenant_Application/Read/app/tenant');
    expect(throttle.admit(plain, 0).throttled).toBeNull();
    expect(throttle.admit(activity, 60_000).throttled).toBeNull();
  });

  it.each([
    ['S', 3500],
    ['M', 5000],
    ['L', 8000],
  ] as const)('gives a tenant of size %s %i resource units per ten seconds', (throttling, units) => {
    const throttle = createThrottle({ ...app, throttling });
    const one = costOf('GET', '/users/{id}', none);
    let admitted = 0;
    while (throttle.admit(one, 0).throttled === null) admitted += 1;
    expect(admitted).toBe(units);
    expect(throttle.wouldAdmit({ ...one, resourceUnits: units }, 10_000)).toBe(true);
  });

  it('never throttles when throttling is off', () => {
    const throttle = createThrottle({ ...app, throttling: 'off' });
    for (let i = 0; i < 10_000; i += 1) expect(throttle.admit(write, 0).throttled).toBeNull();
  });
});

describe('the count of what the app did', () => {
  it('adds up requests by route and leaves the cost of throttled ones out', () => {
    const counter = createStatsCounter();
    const end = counter.beginRoundTrip();
    counter.beginRoundTrip()();
    end();
    const cost = costOf('PATCH', '/users/{id}', none);
    counter.count({ method: 'PATCH', route: '/users/{id}', cost, throttled: false, dateTime: 'a' });
    counter.count({ method: 'PATCH', route: '/users/{id}', cost, throttled: true, dateTime: 'b' });
    expect(counter.read()).toEqual({
      requests: 2,
      roundTrips: 2,
      resourceUnits: 1,
      writes: 1,
      throttled: 1,
      maxConcurrency: 2,
      firstDateTime: 'a',
      lastDateTime: 'b',
      byRoute: [{ method: 'PATCH', route: '/users/{id}', requests: 2, resourceUnits: 1, writes: 1, throttled: 1 }],
    });
    counter.clear();
    expect(counter.read()).toMatchObject({ requests: 0, roundTrips: 0, maxConcurrency: 0, firstDateTime: null });
  });
});
