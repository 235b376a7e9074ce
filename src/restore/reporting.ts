/** From outcomes to the report (R55): one line per object and chunk, and the counts that the job shows, made of the same lines. */
import type { FollowUp, JobStatus } from '../job/job.ts';
import { getJson, putJson, putLines } from '../storage/json-blob.ts';
import { carriesAnchor, isPending } from './hybrid.ts';
import type { JobContext } from './job-context.ts';
import { layout } from './layout.ts';
import { linkOutcomesOf } from './link-outcomes.ts';
import { jobStatusOf, objectIncomplete, type ReportObject, reportObject, type Verification } from './outcome.ts';
import { outcomesOf } from './verifying.ts';

export interface ReportCounts {
  readonly results: Readonly<Record<string, number>>;
  readonly incomplete: number;
  readonly followUps: readonly FollowUp[];
}

export const noReport: ReportCounts = { results: {}, incomplete: 0, followUps: [] };

/** Follow-ups name at most so many objects each; the report has them all. */
const maxNamed = 100;

/** Writes the report of one chunk; run again it writes the same. */
export async function reportChunk(context: JobContext, chunk: number, linkParts: number): Promise<void> {
  const { definition, ids } = await context.chunk(chunk);
  const outcomes = await outcomesOf(context, chunk);
  const verdicts =
    (await getJson<Record<number, Verification>>(context.bucket, layout.verification(context, chunk))) ?? {};
  const links = await linkOutcomesOf(context, chunk, linkParts);
  const objects = ids.map((id, index): ReportObject => {
    const outcome = outcomes.get(index);
    if (outcome === undefined) {
      return {
        kind: definition.name,
        id,
        result: 'failed',
        reason: 'not-tried',
        actions: [],
        attributes: [],
        links: [],
        verification: { matched: false, mismatches: [] },
      };
    }
    return reportObject(outcome, links.get(index) ?? [], verdicts[index]);
  });
  await putLines(context.bucket, layout.report(context, chunk), objects);
  await putJson(context.bucket, layout.reportCounts(context, chunk), countsOf(objects));
}

function countsOf(objects: readonly ReportObject[]): ReportCounts {
  const results: Record<string, number> = {};
  for (const { result } of objects) results[result] = (results[result] ?? 0) + 1;
  return { results, incomplete: objects.filter(objectIncomplete).length, followUps: followUpsOf(objects) };
}

/** What a person must still do. */
function followUpsOf(objects: readonly ReportObject[]): FollowUp[] {
  const created = objects.filter(
    ({ kind, actions, newId }) => kind === 'users' && actions.includes('create') && newId !== undefined,
  );
  const pending = objects.filter(
    ({ hybrid, result }) => isPending(hybrid) && result !== 'failed' && result !== 'skipped',
  );
  const byAnchor = pending.filter(({ hybrid, attributes }) => hybrid !== 'recreated' || carriesAnchor(attributes));
  const byName = pending.filter((object) => !byAnchor.includes(object));
  const ids = (some: readonly ReportObject[]) => some.slice(0, maxNamed).map(({ newId, id }) => newId ?? id);
  const passwords: FollowUp = {
    what: 'Give each recreated user a way in: collect the one-time password (POST /api/jobs/{job}/credentials/{user}), or issue a Temporary Access Pass.',
    who: 'user administrator',
    objectIds: ids(created),
  };
  const sync: FollowUp = {
    what: 'Run a directory synchronization: these users were synced, and the next cycle takes them over.',
    who: 'hybrid identity administrator',
    objectIds: ids(byAnchor),
  };
  const softMatch: FollowUp = {
    what: 'Run a directory synchronization: these users were synced but do not carry their anchor, so it must match them by name (soft match).',
    who: 'hybrid identity administrator',
    objectIds: ids(byName),
  };
  const account: FollowUp = {
    what: 'Before that synchronization: restore the Active Directory object of each of these users whose account is deleted there too.',
    who: 'Active Directory administrator',
    objectIds: ids(pending),
  };
  return [passwords, account, sync, softMatch, ...waitingRoles(pending, ids)].filter(
    ({ objectIds }) => objectIds.length > 0,
  );
}

/** Roles, and groups that may hold some, that would keep synchronization from taking a user over (H05): one follow-up each. */
function waitingRoles(
  pending: readonly ReportObject[],
  ids: (some: readonly ReportObject[]) => readonly string[],
): FollowUp[] {
  const holders = new Map<string, ReportObject[]>();
  for (const object of pending) {
    for (const { relation, targetId, targetName = targetId, reason } of object.links) {
      if (reason !== 'not-tried' || !['roleAssignments', 'eligibleRoleAssignments', 'memberOf'].includes(relation))
        continue;
      const name = `${relation === 'memberOf' ? 'the role-assignable group' : 'the role'} ${targetName}`;
      holders.set(name, [...new Set([...(holders.get(name) ?? []), object])]);
    }
  }
  return [...holders].map(([name, users]) => ({
    what: `After that synchronization: restore these users again, which gives back ${name}. Held before, it would block the synchronization.`,
    who: 'whoever restores',
    objectIds: ids(users),
  }));
}

/** Folds the counts of all chunks into what the job record shows. */
export function summarize(chunks: readonly ReportCounts[]): {
  status: JobStatus;
  counts: Record<string, number>;
  followUps: FollowUp[];
} {
  const counts: Record<string, number> = {
    created: 0,
    undeleted: 0,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    partial: 0,
    failed: 0,
  };
  const followUps = new Map<string, FollowUp>();
  let incomplete = 0;
  for (const chunk of chunks) {
    for (const [result, count] of Object.entries(chunk.results)) counts[result] = (counts[result] ?? 0) + count;
    incomplete += chunk.incomplete;
    for (const followUp of chunk.followUps) {
      const objectIds = [...(followUps.get(followUp.what)?.objectIds ?? []), ...followUp.objectIds].slice(0, maxNamed);
      followUps.set(followUp.what, { ...followUp, objectIds });
    }
  }
  return { status: jobStatusOf(counts, incomplete), counts, followUps: [...followUps.values()] };
}
