/** A report as JSON and as CSV (R55), object by object, so that its size does not matter. */
import { stringify } from 'csv-stringify';
import type { Job } from '../job/job.ts';
import type { ReportObject } from '../restore/outcome.ts';

export async function* reportJson(job: Job, objects: AsyncIterable<ReportObject>): AsyncGenerator<string> {
  yield `{"job":${JSON.stringify(job)},"objects":[`;
  let separator = '\n';
  for await (const object of objects) {
    yield `${separator}${JSON.stringify(object)}`;
    separator = ',\n';
  }
  yield `],"followUps":${JSON.stringify(job.followUps ?? [])},"counts":${JSON.stringify(job.counts)}}\n`;
}

const columns = ['kind', 'id', 'newId', 'displayName', 'what', 'name', 'target', 'result', 'reason'] as const;
type Row = Partial<Record<(typeof columns)[number], string>>;

/** A row per object, and one per thing of it that was not done. Cells that a spreadsheet would run are made harmless. */
export function reportCsv(objects: AsyncIterable<ReportObject>): AsyncIterable<string> {
  const csv = stringify({ header: true, columns: [...columns], escape_formulas: true });
  const feed = async () => {
    for await (const object of objects) {
      for (const row of rowsOf(object)) if (!csv.write(row)) await new Promise((resolve) => csv.once('drain', resolve));
    }
    csv.end();
  };
  feed().catch((error: unknown) => csv.destroy(error instanceof Error ? error : new Error(String(error))));
  return csv.setEncoding('utf8') as AsyncIterable<string>;
}

function rowsOf({
  kind,
  id,
  newId,
  displayName,
  result,
  reason,
  attributes,
  links,
  verification,
}: ReportObject): Row[] {
  const object: Row = { kind, id, newId: newId ?? '', displayName: displayName ?? '' };
  return [
    { ...object, what: 'object', result, reason: reason ?? '' },
    ...attributes
      .filter((attribute) => attribute.result !== 'done')
      .map((attribute) => ({
        ...object,
        what: 'attribute',
        name: attribute.name,
        result: attribute.result,
        reason: attribute.reason ?? '',
      })),
    ...links
      .filter((link) => link.result !== 'done')
      .map((link) => ({
        ...object,
        what: 'link',
        name: link.relation,
        target: link.newTargetId ?? link.targetId,
        result: link.result,
        reason: link.reason ?? '',
      })),
    ...verification.mismatches.map((name) => ({
      ...object,
      what: 'verification',
      name,
      result: 'failed',
      reason: 'verification-mismatch',
    })),
  ];
}
