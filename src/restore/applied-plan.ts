/**
 * A restore that applies a plan (`planId`) does what stands in it and nothing else: an object that is not as it was planned is left alone, and so
 * is a link or a photo that the plan did not mean to write. What is left is named `plan-drift`.
 */
import type { KindName } from '../directory/kinds.ts';
import { canonicalJson } from '../directory/record.ts';
import { scopeNow, unitOf } from '../directory/roles.ts';
import { sha256Of } from '../storage/sha256.ts';
import { idsNow } from './ids-now.ts';
import type { JobContext } from './job-context.ts';
import { layout } from './layout.ts';
import { licencesOf } from './licences.ts';
import type { LinkStep } from './links.ts';
import type { Matched } from './matching.ts';
import type { ObjectPlan } from './object-plan.ts';
import { plannedLines } from './planned-lines.ts';
import type { PlannedObject } from './planning.ts';
import { isShorter } from './role-ends.ts';

/** What is planned for an object that is not as it was. */
export const drifted: ObjectPlan = { action: 'skip', reason: 'plan-drift', attributes: {}, skipped: [] };

export interface Place {
  readonly chunk: number;
  readonly index: number;
}

/** The lines of the plan to be applied for one chunk; undefined where there is none to apply. */
async function linesOf(context: JobContext, chunk: number): Promise<readonly PlannedObject[] | undefined> {
  const { planId } = context.request;
  return planId ? plannedLines(context, planId, chunk) : undefined;
}

/** Told of each licence by Graph, also of those that a group gives: they come and go with groups that the job itself restores. */
const ofLicences: readonly string[] = ['assignedLicenses', 'licenseAssignmentStates'];

/** A print of what was found of an object, over the properties in the restore's scope. */
export function printOf(context: JobContext, kind: KindName, match: Matched): string {
  if (!('candidate' in match)) return match.how;
  const { candidate } = match;
  const names = context.request.attributes ?? context.reader.captured(kind);
  const own = names.filter((name) => !ofLicences.includes(name));
  const seen = Object.fromEntries(own.map((name) => [name, candidate.body[name] ?? null]));
  if (own.length < names.length)
    seen.licences = licencesOf(candidate.body)
      .direct.map((licence) => canonicalJson({ ...licence }))
      .sort();
  return sha256Of(`${candidate.state} ${candidate.id} ${canonicalJson(seen)}`);
}

/** Whether an object is another than the plan found. What cannot be read has not drifted: it ends for its own reason. */
export async function isOtherThanPlanned(
  context: JobContext,
  { chunk, index }: Place,
  match: Matched,
): Promise<boolean> {
  const lines = match.how === 'unreadable' ? undefined : await linesOf(context, chunk);
  if (lines === undefined) return false;
  return lines[index]?.seen !== printOf(context, (await context.chunk(chunk)).kind, match);
}

/** The same, but not asked any more once the object was begun: then it is our own first try that changed it. */
export async function hasDrifted(context: JobContext, place: Place, match: Matched): Promise<boolean> {
  if (!context.request.planId || match.how === 'unreadable') return false;
  const begun = layout.begun(context, place.chunk, place.index);
  if (await context.bucket.exists(begun)) return false;
  if (await isOtherThanPlanned(context, place, match)) return true;
  await context.bucket.put(begun, new Uint8Array());
  return false;
}

/** Whether a photo that differs is to be left: the plan saw no difference. Of an object in the bin no plan can see the photo. */
export async function leavesPhoto(context: JobContext, { chunk, index }: Place): Promise<boolean> {
  const line = (await linesOf(context, chunk))?.[index];
  return line !== undefined && !line.photo && line.action !== 'undelete';
}

/** The steps of a chunk, of which those that write are left out, and named, where the plan has not the same. */
export async function withinPlan(
  context: JobContext,
  chunk: number,
  steps: readonly LinkStep[],
): Promise<readonly LinkStep[]> {
  const lines = await linesOf(context, chunk);
  if (lines === undefined) return steps;
  const planned = lines.map(({ links, resting = [] }) => [...links, ...resting]);
  const units = planned.flat().flatMap(({ directoryScopeId = '' }) => unitOf(directoryScopeId) ?? []);
  const renamed = await idsNow(
    context,
    units.map((id) => ({ kind: 'administrativeUnits', id })),
  );
  const keyNow = (step: LinkStep) => keyOf(step, (id) => renamed.get(id) ?? id);
  const keys = planned.map((some) => new Set(some.map(keyNow)));
  return steps.map((step) => {
    const { index } = step.origin;
    // What an object in the bin has of links nobody can read: a plan knows only that they are to be laid over it.
    const isOverlay = lines[index]?.action === 'undelete' && !removals.includes(step.act) && !isShorter(step);
    if (step.act === 'skip' || isOverlay || keys[index]?.has(keyOf(step, (id) => id))) return step;
    return { ...step, act: 'skip', reason: 'plan-drift' };
  });
}

const removals: readonly LinkStep['act'][] = ['unlink', 'unassign-role', 'remove-app-role', 'remove-auth-method'];

/** What makes two steps of one object the same, in ids that stay while the job makes objects anew. */
const keyOf = (step: LinkStep, resolve: (id: string) => string): string =>
  [
    step.act,
    step.name,
    step.targetId,
    scopeNow(step.directoryScopeId ?? '', resolve),
    step.holding,
    step.appRoleId,
    step.replaces,
    step.replacesPlans?.toSorted(),
    String(step.replacesEnd),
  ].join(' ');
