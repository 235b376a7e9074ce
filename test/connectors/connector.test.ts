/** What may be said of a connector, and when its schedule has come round. */
import { describe, expect, it } from 'vitest';
import { connectorId, connectorInput, isDue } from '../../src/connectors/connector.ts';

const tenantId = '11111111-2222-4333-8444-555555555555';
const refused = (fields: object) => {
  const parsed = connectorInput.safeParse({ tenantId, ...fields });
  return parsed.success ? undefined : parsed.error.issues[0]?.message;
};

describe('the body of a connector', () => {
  it('needs a tenant and takes the rest by default', () => {
    expect(connectorInput.parse({ tenantId: tenantId.toUpperCase() })).toMatchObject({
      tenantId,
      cloud: 'global',
      schedule: null,
      retention: null,
      exclusions: [],
      credential: { kind: 'deployment' },
      alerts: { shrinkShare: 0.5, shrinkAtLeast: 25 },
    });
    expect(connectorInput.safeParse({}).success).toBe(false);
  });

  it.each([
    ['a schedule of five fields', { schedule: '0 2 * * *' }],
    ['a schedule that is none', { schedule: '0 0 25 * * *' }],
    ['a policy that keeps nothing', { retention: {} }],
    ['a policy that only waits', { retention: { minimumAgeDays: 30 } }],
    ['kinds without users', { kinds: ['groups'] }],
    ['a kind there is not', { kinds: ['users', 'planets'] }],
    ['an exclusion there is not', { exclusions: ['names'] }],
    ['a secret', { credential: { kind: 'secret', clientSecret: 'hush' } }],
    ['a secret beside a reference', { credential: { kind: 'managed-identity', clientSecret: 'hush' } }],
    ['a cloud there is not', { cloud: 'mars' }],
    ['a share above one', { alerts: { shrinkShare: 50 } }],
    ['an alert there is not', { alerts: { growShare: 0.5 } }],
    ['a field there is not', { tenant: tenantId }],
  ])('refuses %s', (_what, fields) => {
    expect(refused(fields)).toBeTruthy();
  });

  it('has an id that is safe in paths and keys', () => {
    for (const id of ['contoso', 'a', 'contoso-eu-1']) expect(connectorId.safeParse(id).success, id).toBe(true);
    for (const id of ['', '-a', 'a-', 'A', 'a/b', '..', 'a'.repeat(41), 'a.b'])
      expect(connectorId.safeParse(id).success, id).toBe(false);
  });
});

describe('a schedule', () => {
  const at = (time: string) => new Date(`2026-03-${time}Z`);
  it('is due once its time has come since the last one, in UTC', () => {
    expect(isDue('0 0 2 * * *', at('01T02:00:00'), at('02T01:59:59'))).toBe(false);
    expect(isDue('0 0 2 * * *', at('01T02:00:00'), at('02T02:00:00'))).toBe(true);
    expect(isDue('0 */10 * * * *', at('01T02:00:00'), at('01T02:09:59'))).toBe(false);
    expect(isDue('0 */10 * * * *', at('01T02:03:00'), at('01T02:10:30'))).toBe(true);
    expect(isDue('0 0 3 * * 1', at('01T04:00:00'), at('02T03:00:00'))).toBe(true);
  });
});
