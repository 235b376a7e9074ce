/** What is refused: each time a problem with a stable code, and nothing half-done behind it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
let user: string;
beforeAll(async () => {
  user = await system.directory.user('Rita');
  await system.snapshot('full');
});

async function expectProblem(
  method: string,
  path: string,
  wanted: { status: number; code: string },
  body?: unknown,
): Promise<Json> {
  const answer = await system.api(method, path, body);
  expect({ status: answer.status, code: answer.body?.code }).toEqual(wanted);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ status: wanted.status, title: expect.any(String), type: expect.any(String) });
  return answer.body;
}

const jobs = async (): Promise<number> => (await system.api('GET', '/connectors/default/jobs')).body.value.length;
const notFound = { status: 404, code: 'not-found' };
const invalid = { status: 400, code: 'invalid-input' };

describe('what does not exist', () => {
  it.each([
    ['route', '/no-such-route'],
    ['connector', '/connectors/nowhere/snapshots'],
    ['snapshot', '/connectors/default/snapshots/no-such-snapshot'],
    ['kind', '/connectors/default/snapshots/latest/no-such-kind'],
    ['object', '/connectors/default/snapshots/latest/users/00000000-0000-4000-8000-000000000000'],
    ['job', '/jobs/no-such-job'],
    ['report', '/jobs/no-such-job/report'],
    ['plan', '/jobs/no-such-job/plan'],
  ])('answers 404 for an unknown %s', async (_, path) => {
    await expectProblem('GET', path, notFound);
  });

  it.each(['/connectors/default/snapshots', '/connectors/default/jobs', '/connectors/default/snapshots/latest/users'])(
    'refuses a cursor that no page of %s gave',
    async (path) => {
      await expectProblem('GET', `${path}?cursor=zzz`, invalid);
    },
  );

  it('refuses a restore from an unknown snapshot before a job is made', async () => {
    const before = await jobs();
    await expectProblem('POST', '/connectors/default/restores', notFound, { users: [user], snapshotId: 'no-such' });
    expect(await jobs()).toBe(before);
  });
});

describe('a restore request', () => {
  it.each([
    ['that is no JSON', '{"users": ['],
    ['that is no object', '[]'],
    ['with a wrong type', { users: 7 }],
    ['with an unknown field', { users: ['x'], colour: 'red' }],
    ['with an unknown word', { users: ['x'], links: 'sideways' }],
    ['naming nobody', {}],
    ['naming nobody in a list', { users: [] }],
    ['naming two snapshots', { users: ['x'], snapshotId: 'a', asOfDateTime: '2026-01-01T00:00:00Z' }],
  ])('%s is refused', async (_, body) => {
    const before = await jobs();
    await expectProblem('POST', '/connectors/default/restores', invalid, body);
    expect(await jobs()).toBe(before);
  });
});

describe('a snapshot request', () => {
  it.each([
    ['with an unknown mode', { mode: 'quick' }],
    ['with an unknown field', { speed: 'fast' }],
    ['that is no JSON', '{'],
  ])('%s is refused', async (_, body) => {
    await expectProblem('POST', '/connectors/default/snapshots', invalid, body);
  });

  it('is refused with the first one’s job id while one runs', async () => {
    await system.control('POST', '/settings', { latencyMs: 300 });
    const { jobId } = (await system.api('POST', '/connectors/default/snapshots', { mode: 'full' })).body;
    const conflict = { status: 409, code: 'job-running' };
    const problem = await expectProblem('POST', '/connectors/default/snapshots', conflict, {});
    await system.control('POST', '/settings', { latencyMs: 0 });
    expect(problem.jobId).toBe(jobId);
    expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed' });
    await system.snapshot();
  });
});

describe('the key', () => {
  it.each([
    ['missing', {}],
    ['wrong', { 'x-functions-key': 'not-the-key' }],
  ])('%s: 401', async (_, headers) => {
    for (const [method, path] of [
      ['GET', '/connectors/default/snapshots'],
      ['POST', '/connectors/default/restores'],
      ['GET', '/jobs/some-job'],
    ] as const) {
      const answer = await system.api(method, path, method === 'POST' ? { users: [user] } : undefined, headers);
      expect({ status: answer.status, code: answer.body?.code }).toEqual({ status: 401, code: 'unauthorized' });
    }
  });

  it('is not asked for by health, and is taken from the query too', async () => {
    expect(await system.api('GET', '/health', undefined, {})).toMatchObject({ status: 200, body: { status: 'ok' } });
    const byQuery = await system.api('GET', `/connectors/default/jobs?code=${system.system.key}`, undefined, {});
    expect(byQuery.status).toBe(200);
  });
});

describe('Graph that cannot be used', () => {
  it('is a 503 that leaves no job behind', async () => {
    const before = await jobs();
    await system.control('POST', '/settings', { tokens: 'expired' });
    const unreachable = { status: 503, code: 'graph-unreachable' };
    await expectProblem('POST', '/connectors/default/restores', unreachable, { users: [user] });
    await expectProblem('POST', '/connectors/default/snapshots', unreachable, {});
    expect((await system.api('GET', '/health', undefined, {})).status).toBe(503);
    await system.control('POST', '/settings', { tokens: 'valid' });
    expect(await jobs()).toBe(before);
    await system.snapshot();
  });
});
