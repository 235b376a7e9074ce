import { describe, expect, it } from 'vitest';
import { problem } from '../../src/api/problem.ts';
import { AppError, errorCodes } from '../../src/errors.ts';

describe('an error as a problem', () => {
  it.each(errorCodes)('%s has a status, a title and its code', (code) => {
    const answer = problem(new AppError(code, 'what happened'), '/api/x');
    const body = JSON.parse(String(answer.body));
    expect(body).toMatchObject({
      type: 'about:blank',
      status: answer.status,
      detail: 'what happened',
      code,
      instance: '/api/x',
    });
    expect(body.title).not.toBe('');
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json' });
  });

  it('carries its details, which never replace its own members', () => {
    const error = new AppError('job-running', 'one runs', { details: { jobId: 'j', status: 200, code: 'fine' } });
    const body = JSON.parse(String(problem(error, '/').body));
    expect(body).toMatchObject({ jobId: 'j', status: 409, code: 'job-running' });
  });

  it('says when to come back if it is the others’ fault', () => {
    expect(problem(new AppError('graph-unreachable', 'x'), '/').headers).toHaveProperty('retry-after');
    expect(problem(new AppError('invalid-input', 'x'), '/').headers).not.toHaveProperty('retry-after');
  });
});
