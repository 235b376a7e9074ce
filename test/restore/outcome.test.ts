import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  jobStatusOf,
  type LinkOutcome,
  type ObjectOutcome,
  objectIncomplete,
  reportObject,
  statusAsLeft,
} from '../../src/restore/outcome.ts';
import { makesIncomplete, reasons } from '../../src/restore/reasons.ts';

const outcome = (fields: Partial<ObjectOutcome> = {}): ObjectOutcome => ({
  kind: 'users',
  id: 'u',
  result: 'unchanged',
  actions: [],
  attributes: [],
  ...fields,
});
const link = (fields: Partial<LinkOutcome> = {}): LinkOutcome => ({
  relation: 'memberOf',
  targetId: 'g',
  result: 'done',
  ...fields,
});
const proven = { matched: true, mismatches: [] };

describe('the result of one object (R53, R54)', () => {
  it('stays as the object stage left it when everything is proven', () => {
    expect(reportObject(outcome({ result: 'created' }), [link()], proven)).toMatchObject({
      result: 'created',
      actions: ['link'],
    });
  });

  it('turns from unchanged to updated when a link was written', () => {
    expect(reportObject(outcome(), [link()], proven).result).toBe('updated');
  });

  it('is partial when a link is lacking for an incomplete reason (R37)', () => {
    const lacking = link({ result: 'skipped', reason: 'linked-object-missing' });
    expect(reportObject(outcome(), [lacking], proven)).toMatchObject({ result: 'partial' });
  });

  it('is not made partial by a dynamic group (R42)', () => {
    const object = reportObject(outcome(), [link({ result: 'skipped', reason: 'group-dynamic' })], proven);
    expect(object.result).toBe('unchanged');
    expect(objectIncomplete(object)).toBe(false);
  });

  it('is partial when reading back finds something else', () => {
    const object = reportObject(outcome({ result: 'updated' }), [], { matched: false, mismatches: ['department'] });
    expect(object).toMatchObject({ result: 'partial', reason: 'verification-mismatch' });
  });

  it('does not count what is reported as not done a second time as a mismatch', () => {
    const lacking = link({ result: 'failed', reason: 'graph-error' });
    const object = reportObject(outcome(), [lacking], { matched: false, mismatches: ['memberOf/g'] });
    expect(object.verification).toEqual({ matched: true, mismatches: [] });
    expect(object.result).toBe('partial');
  });

  it('gives no reason for a value that nobody wrote and that is as in the snapshot all the same', () => {
    const identities = { name: 'identities', result: 'skipped', reason: 'attribute-read-only' } as const;
    const name = { name: 'userPrincipalName', result: 'failed', reason: 'name-conflict' } as const;
    const object = reportObject(outcome({ result: 'created', attributes: [identities, name] }), [], {
      ...proven,
      settled: ['identities', 'userPrincipalName'],
    });
    expect(object).toMatchObject({ result: 'created', attributes: [] });
  });

  it('is never called proven when nothing was read back', () => {
    expect(reportObject(outcome({ result: 'updated' }), [], undefined)).toMatchObject({
      result: 'partial',
      reason: 'not-tried',
    });
  });
});

describe('the status of a job (R54)', () => {
  it.each([
    [{ created: 2, unchanged: 1 }, 0, 2, 'completed'],
    [{ created: 2, failed: 1 }, 1, 2, 'incomplete'],
    [{ failed: 3 }, 3, 0, 'failed'],
    [{ failed: 3 }, 3, 1, 'incomplete'],
    [{ skipped: 1 }, 1, 0, 'incomplete'],
    [{}, 0, 0, 'completed'],
  ])('%o with %i incomplete objects and %i written is %s', (counts, incomplete, written, status) => {
    expect(jobStatusOf(counts, incomplete, written)).toBe(status);
  });

  it('that broke off is never completed, and failed only when nothing was written', () => {
    expect([0, 1].map(statusAsLeft)).toEqual(['failed', 'incomplete']);
  });
});

it('knows every reason of the closed list, and which make a job incomplete', () => {
  expect(reasons).toHaveLength(30);
  expect(reasons.filter(makesIncomplete)).toHaveLength(21);
});

it('tells the admin in the README what every reason means', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(reasons.filter((reason) => !readme.includes(`\`${reason}\``))).toEqual([]);
});
