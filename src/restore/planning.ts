/** Planning one chunk of a job: every step of every object, as a dry run shows them and a restore carries them out. */

import type { KindName } from '../directory/kinds.ts';
import type { DirectoryRecord, Id, Json, JsonObject } from '../directory/record.ts';
import { putJson, putLines } from '../storage/json-blob.ts';
import type { Unread } from './apart.ts';
import { drifted, isOtherThanPlanned, printOf, withinPlan } from './applied-plan.ts';
import { followsOnCreation } from './following.ts';
import { foreseeConflicts } from './foreseen-conflicts.ts';
import { type HybridCase, hybridCase } from './hybrid.ts';
import { hybridUsers } from './hybrid-users.ts';
import { type JobContext, makingWhole } from './job-context.ts';
import { noteAbsent } from './just-looked.ts';
import type { Keeps } from './kept-privileges.ts';
import { layout } from './layout.ts';
import { gatherLinks } from './link-planning.ts';
import { actionOf, type LinkAction, type LinkStep, type LinkSubject } from './links.ts';
import { type Matched, matchRecords } from './matching.ts';
import { asideNote, nameProperty, type Rename, renameOf } from './name-rings.ts';
import { nearestNote } from './nearest-snapshot.ts';
import { needsOf, protectedUsers, restrictedObjects, toRead } from './needs.ts';
import { wantedOf } from './new-users.ts';
import { withUnknown } from './not-captured.ts';
import { asIfLive, type ObjectOptions, type ObjectPlan, planObject } from './object-plan.ts';
import { passSteps } from './passes.ts';
import { differingPhotos } from './photo.ts';
import { noteOf } from './plan-notes.ts';
import { summarizePlan } from './plan-summary.ts';
import { partResting } from './resting.ts';
import { asTenantAllows } from './tenant-rules.ts';

/** A line of a stored plan. */
export interface PlannedObject extends ObjectPlan {
  readonly kind: string;
  readonly id: string;
  readonly displayName?: string;
  readonly hybrid?: HybridCase;
  readonly photo: boolean;
  /** First of a ring of names: takes another one for a moment. */
  readonly stepsAside?: true;
  readonly rename?: Rename;
  readonly links: readonly LinkStep[];
  /** Links that come back from the bin with their other end; written all the same should they not. */
  readonly resting?: readonly LinkStep[];
  /** What was found of the object when it was planned: another print later means that it has changed since. */
  readonly seen?: string;
}

export const objectOptions = ({ request }: JobContext): ObjectOptions => ({
  onExisting: request.onExisting,
  ...(request.attributes ? { attributes: request.attributes } : {}),
});

export const displayNameOf = (record: DirectoryRecord): { displayName: string } | Record<string, never> =>
  typeof record.body.displayName === 'string' ? { displayName: record.body.displayName } : {};

/** The plan of a record for which a match was sought; what the snapshot lacks or Graph would not tell is a plan too. */
export function planMatched(
  context: JobContext,
  definition: Parameters<typeof planObject>[0],
  record: DirectoryRecord,
  match: Matched,
): ObjectPlan {
  if (match.how === 'unreadable') {
    const { reason, note } = match;
    return { action: 'fail', reason, ...(note === undefined ? {} : { note }), attributes: {}, skipped: [] };
  }
  const { name } = definition;
  const wanted = wantedOf(context.request, name, record, match);
  const scope = match.how === 'none' ? makingWhole(context) : context;
  const plan = planObject(definition, wanted, match, context.reader.captured(name), objectOptions(scope));
  return withUnknown(scope, definition, plan);
}

export function hybridOf(
  definition: Parameters<typeof planObject>[0],
  record: DirectoryRecord,
  match: Matched,
): { hybrid: HybridCase } | Record<string, never> {
  if (definition.name !== 'users' || match.how === 'unreadable') return {};
  const hybrid = hybridCase(record.body, match);
  return hybrid === undefined ? {} : { hybrid };
}

/**
 * Plans one chunk, stores it with what it comes to. Writes nothing to Graph.
 * @param known live ids of objects of other chunks, by their ids in the snapshot: given where the chunk is planned again.
 */
export async function planChunk(context: JobContext, chunk: number, known?: ReadonlyMap<Id, Id>): Promise<void> {
  if (known === undefined && (await context.bucket.exists(layout.planSummary(context, chunk)))) return;
  const { definition, ids } = await context.chunk(chunk);
  const stored = await context.reader.records(definition.name, ids);
  const records = ids.flatMap((id) => stored.get(id) ?? []);
  const matches = await matchRecords(context, definition, records);
  const alone = await Promise.all(
    records.map(async (record, at) => {
      const match = matches[at] ?? { how: 'none' };
      const index = ids.indexOf(record.id);
      const isOther = await isOtherThanPlanned(context, { chunk, index }, match);
      const plan = isOther
        ? drifted
        : await asTenantAllows(context, definition, record, planMatched(context, definition, record, match));
      return { record, index, match, plan };
    }),
  );
  const found = await foreseeConflicts(context, definition, alone);
  for (const { record, match } of found)
    if (definition.name === 'users' && match.how === 'none') noteAbsent(context, record.id);
  const plans = new Map(found.map((one) => [one.record.id, one]));
  const linkable = found.filter(({ plan }) => !['fail', 'skip'].includes(plan.action));
  const subjects = linkable.map(
    ({ record, index, match, plan }): LinkSubject => ({
      kind: definition.name,
      id: record.id,
      liveId: plan.targetId ?? record.id,
      origin: { chunk, index },
      body: liveBody(match, plan.attributes),
      ...('candidate' in match && match.candidate.isRestricted === true ? { isRestricted: true } : {}),
      state: plan.action === 'create' ? 'new' : plan.action === 'undelete' ? 'deleted' : 'live',
    }),
  );
  const kept = new Map<string, readonly [string, Id]>();
  const keeps: Keeps = (objectId, name) => kept.set(`${objectId} ${name}`, [name, objectId]);
  const wanted = await withinPlan(context, chunk, await gatherLinks(context, subjects, { known, keeps }));
  const { open, resting } = await partResting(context, subjects, wanted);
  const passes = passSteps(
    context,
    subjects.filter(({ id, state }) => state === 'new' && plans.get(id)?.plan.invites === undefined),
  );
  const gathered = [...open, ...passes];
  const photos =
    definition.name === 'users'
      ? await differingPhotos(
          context,
          linkable
            .filter(({ plan }) => plan.action !== 'undelete')
            .map(({ record, plan }) =>
              plan.targetId === undefined ? { id: record.id } : { id: record.id, liveId: plan.targetId },
            ),
        )
      : new Map<string, never>();

  const strangers = ids.filter((id) => !stored.has(id));
  const nearest = await context.nearestSnapshotsWith(definition.name, strangers);
  const lines: PlannedObject[] = [];
  for (const [index, id] of ids.entries()) {
    const one = plans.get(id);
    if (one === undefined) {
      lines.push({
        kind: definition.name,
        id,
        action: 'fail',
        reason: 'not-in-snapshot',
        note: nearestNote(nearest.get(id)),
        attributes: {},
        skipped: [],
        photo: false,
        links: [],
      });
      continue;
    }
    const { record, match, plan } = one;
    lines.push({
      kind: definition.name,
      id,
      ...displayNameOf(record),
      ...plan,
      ...hybridOf(definition, record, match),
      ...photoOf(listed(plan, definition.name, record), photos.get(id)),
      ...('candidate' in match ? renameOf(plan, asIfLive(match.candidate).body, { chunk, index }) : {}),
      seen: printOf(context, definition.name, match),
      links: gathered.filter(({ origin }) => origin.index === index),
      resting: resting.filter(({ origin }) => origin.index === index),
    });
  }
  await putLines(context.bucket, layout.plan(context, chunk), lines);
  const actions = lines.map(({ action }) => action);
  const steps = lines.flatMap(planSteps);
  await putJson(
    context.bucket,
    layout.planSummary(context, chunk),
    summarizePlan(actions, steps, {
      hybrid: hybridUsers(context, lines),
      restricted: await restrictedObjects(context, definition.name, found, gathered),
      needs: [
        ...lines.flatMap((line) => needsOf(line, stored.get(line.id))),
        ...[...new Set(steps.filter(isRefused).map(({ objectId }) => objectId))].map((id) => [toRead, id] as const),
      ],
      guarded: await protectedUsers(context, definition.name, found),
      kept: [...kept.values()],
      renames: lines.flatMap(({ rename }) => rename ?? []),
      found: found.flatMap(({ record, match, plan: { targetId } }) =>
        targetId !== undefined && (match.how === 'anchor' || match.how === 'name')
          ? [[record.id, targetId] as const]
          : [],
      ),
      silent: lines.flatMap(({ kind, id, action }) => (['fail', 'skip'].includes(action) ? [`${kind}/${id}`] : [])),
      hasTwins: lines.some(({ links, resting = [] }) =>
        [...links, ...resting].some(({ twinOf }) => twinOf !== undefined),
      ),
      lost: lines.flatMap(({ id, action, targetId }) =>
        ['fail', 'skip'].includes(action) && targetId === undefined ? [id] : [],
      ),
    }),
  );
}

/** Whether something of an object was not to be read, for want of a right as far as anyone can tell. */
const isRefused = ({ reason, note }: PlanStep): boolean => reason === 'graph-error' && note !== undefined;

/** What a new object comes to have by itself is nothing that its plan leaves out; should it not come, the report says so. */
const listed = (plan: ObjectPlan, kind: KindName, { body }: DirectoryRecord): ObjectPlan =>
  plan.action === 'create'
    ? {
        ...plan,
        skipped: plan.skipped.filter(
          ({ name, reason }) => reason === 'proxy-conflict' || !followsOnCreation(kind, name, body),
        ),
      }
    : plan;

/** The photo of a planned line: to be written, or left out since nobody can say what live has. */
function photoOf(
  { skipped }: ObjectPlan,
  found: 'differs' | Unread | undefined,
): Pick<PlannedObject, 'photo' | 'skipped'> {
  if (found === undefined || found === 'differs') return { photo: found === 'differs', skipped };
  const { reason, note } = found;
  return {
    photo: false,
    skipped: [...skipped, { name: 'photo', result: 'failed', reason, ...(note === undefined ? {} : { note }) }],
  };
}

function liveBody(match: Matched, changes: JsonObject): Readonly<Record<string, Json>> {
  return 'candidate' in match ? { ...match.candidate.body, ...changes } : changes;
}

/** A step as `GET /jobs/{j}/plan` shows it. */
export interface PlanStep {
  readonly kind: string;
  readonly objectId: string;
  readonly action: 'create' | 'undelete' | 'update' | 'delete' | 'photo' | LinkAction;
  readonly attributes?: readonly string[];
  readonly relation?: string;
  readonly targetId?: string;
  readonly reason?: string;
  readonly note?: string;
}

/** The steps of one planned object, in the order they are carried out. Attribute values stay in the snapshot. */
export function planSteps(line: PlannedObject): PlanStep[] {
  const base = { kind: line.kind, objectId: line.id };
  const names = Object.keys(line.attributes);
  const reason = line.reason === undefined ? {} : { reason: line.reason };
  const note = noteOf(line);
  const steps: PlanStep[] = [];
  if (line.action === 'create') steps.push({ ...base, action: 'create', attributes: names, ...note });
  if (line.action === 'undelete') steps.push({ ...base, action: 'undelete', ...note });
  if (line.action === 'skip' || line.action === 'fail') steps.push({ ...base, action: 'skip', ...reason, ...note });
  if (line.stepsAside) steps.push({ ...base, action: 'update', attributes: [nameProperty], note: asideNote });
  if (names.length > 0 && line.action !== 'create') steps.push({ ...base, action: 'update', attributes: names });
  for (const skip of line.skipped) {
    steps.push({
      ...base,
      action: 'skip',
      attributes: [skip.name],
      ...(skip.reason === undefined ? {} : { reason: skip.reason }),
      ...(skip.note === undefined ? {} : { note: skip.note }),
    });
  }
  if (line.photo) steps.push({ ...base, action: 'photo' });
  for (const link of line.links) {
    const action = actionOf(link);
    const why = {
      ...(link.reason === undefined ? {} : { reason: link.reason }),
      ...(link.note === undefined ? {} : { note: link.note }),
    };
    steps.push({
      ...base,
      action,
      relation: link.name,
      ...(link.targetId === '' ? {} : { targetId: link.targetId }),
      ...why,
    });
  }
  if (line.action === 'delete') steps.push({ ...base, action: 'delete', ...note });
  return steps;
}
