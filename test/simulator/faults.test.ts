import { describe, expect, it } from 'vitest';
import { createFaultScript, type Fault } from '../../src/dev/simulator/faults.ts';

function script(...faults: readonly Fault[]) {
  const faultScript = createFaultScript();
  faultScript.add(faults);
  return faultScript;
}

describe('a scripted fault', () => {
  it('hits the first matching request once and says how often it was met', () => {
    const faults = script({ match: { method: 'POST', path: '/users' }, effect: 'status', status: 503 });
    expect(faults.meet('GET', '/users')).toBeNull();
    expect(faults.list()).toMatchObject([{ met: 0 }]);
    expect(faults.meet('POST', '/users')).toEqual({
      effect: 'status',
      status: 503,
      code: 'ServiceUnavailable',
      retryAfter: null,
    });
    expect(faults.meet('POST', '/users')).toBeNull();
    expect(faults.list()).toEqual([
      { match: { method: 'POST', path: '/users' }, effect: 'status', status: 503, met: 1 },
    ]);
  });

  it('begins at the nth hit and lasts for times hits', () => {
    const faults = script({ match: {}, nth: 2, times: 2, effect: 'drop-response' });
    expect([1, 2, 3, 4].map(() => faults.meet('GET', '/x')?.effect ?? null)).toEqual([
      null,
      'drop-response',
      'drop-response',
      null,
    ]);
  });

  it('takes * for exactly one segment of the path', () => {
    const faults = script({ match: { path: '/users/*/manager/$ref' }, times: 9, effect: 'delay', ms: 5 });
    expect(faults.meet('PUT', '/users/a%20b/manager/$ref')).toEqual({ effect: 'delay', ms: 5 });
    expect(faults.meet('PUT', '/users/a/b/manager/$ref')).toBeNull();
    expect(faults.meet('PUT', '/users/a/manager')).toBeNull();
  });

  it('takes a pattern over the path', () => {
    const faults = script({ match: { pathPattern: '^/groups/.+/members' }, times: 9, effect: 'timeout', ms: 1 });
    expect(faults.meet('POST', '/groups/1/members/$ref')?.effect).toBe('timeout');
    expect(faults.meet('POST', '/groups')).toBeNull();
  });

  it('draws from its own seed when it goes by probability, without an end', () => {
    const fault: Fault = { match: {}, probability: 0.3, seed: 7, effect: 'delay', ms: 0 };
    const draw = () => {
      const faults = script(fault);
      return Array.from({ length: 200 }, () => faults.meet('GET', '/x') !== null);
    };
    expect(draw()).toEqual(draw());
    const hits = draw().filter(Boolean).length;
    expect(hits).toBeGreaterThan(30);
    expect(hits).toBeLessThan(100);
  });

  it('lets the first fault of the list act while the others go on counting', () => {
    const faults = script(
      { match: {}, effect: 'delay', ms: 1 },
      { match: { path: '/x' }, nth: 2, effect: 'status', status: 429, retryAfter: 2 },
    );
    expect(faults.meet('GET', '/x')?.effect).toBe('delay');
    expect(faults.meet('GET', '/x')).toEqual({
      effect: 'status',
      status: 429,
      code: 'TooManyRequests',
      retryAfter: 2,
    });
  });
});
