/** R55: the report as JSON and as CSV. */
import { describe, expect, it } from 'vitest';
import { reportCsv, reportJson } from '../../src/api/report-body.ts';
import type { ReportObject } from '../../src/restore/outcome.ts';
import { aJob } from '../support/jobs.ts';

const object: ReportObject = {
  kind: 'users',
  id: 'old',
  newId: 'new',
  displayName: '=cmd, "Ada"\nLovelace',
  result: 'partial',
  reason: 'verification-mismatch',
  actions: ['create', 'link'],
  attributes: [
    { name: 'city', result: 'done' },
    { name: 'mail', result: 'failed', reason: 'attribute-rejected' },
  ],
  links: [
    { relation: 'memberOf', targetId: 'g1', result: 'done' },
    {
      relation: 'memberOf',
      targetId: 'g2',
      newTargetId: 'g2-new',
      targetName: 'Sales',
      result: 'skipped',
      reason: 'group-dynamic',
    },
  ],
  verification: { matched: false, mismatches: ['jobTitle'] },
};

async function* some(count: number): AsyncGenerator<ReportObject> {
  for (let at = 0; at < count; at += 1) yield { ...object, id: `old-${at}` };
}

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

describe('a report (R55)', () => {
  it('as JSON holds job, objects, follow-ups and counts', async () => {
    const job = aJob({
      kind: 'restore',
      counts: { partial: 2 },
      followUps: [{ id: 'i', what: 'w', who: 'x', objectIds: [] }],
    });
    const report = JSON.parse(await textOf(reportJson(job, some(2))));
    expect(report).toEqual({
      job,
      objects: [
        { ...object, id: 'old-0' },
        { ...object, id: 'old-1' },
      ],
      followUps: job.followUps,
      counts: job.counts,
    });
    expect(JSON.parse(await textOf(reportJson(aJob(), some(0))))).toMatchObject({ objects: [], followUps: [] });
  });

  it('as CSV has a row per object and one per thing that was not done, harmless in a spreadsheet', async () => {
    const text = await textOf(reportCsv(some(1)));
    const name = `"'=cmd, ""Ada""\nLovelace"`;
    expect(text).toBe(
      [
        'kind,id,newId,displayName,what,name,target,result,reason',
        `users,old-0,new,${name},object,,,partial,verification-mismatch`,
        `users,old-0,new,${name},attribute,mail,,failed,attribute-rejected`,
        `users,old-0,new,${name},link,memberOf,g2-new,skipped,group-dynamic`,
        `users,old-0,new,${name},verification,jobTitle,,failed,verification-mismatch`,
        '',
      ].join('\n'),
    );
  });

  it('as CSV is as long as the job', async () => {
    const lines = (await textOf(reportCsv(some(3_000)))).split('\nusers,');
    expect(lines).toHaveLength(3_000 * 4 + 1);
  });

  it('that breaks off while it is read is an error, not a shorter report', async () => {
    async function* broken(): AsyncGenerator<ReportObject> {
      yield object;
      throw new Error('storage is gone');
    }
    await expect(textOf(reportCsv(broken()))).rejects.toThrow('storage is gone');
    await expect(textOf(reportJson(aJob(), broken()))).rejects.toThrow('storage is gone');
  });
});
