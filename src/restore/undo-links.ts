/** The links, roles and licences that a job gave or took, as steps that take it back. Looks at what live has; writes nothing. */
import type { Id } from '../directory/record.ts';
import { readSlots } from '../storage/slotted-blob.ts';
import type { JobContext } from './job-context.ts';
import { layout, linkSlots } from './layout.ts';
import { licencesOf } from './licences.ts';
import { outcomesInParts } from './link-outcomes.ts';
import type { LinkStep } from './links.ts';
import { type Hanging, reverseLink } from './reversing.ts';
import { type Undoable, undoneJob } from './undone-job.ts';
import { outcomesOf } from './verifying.ts';

type Live = Undoable & Required<Pick<Undoable, 'live'>>;

/** @param objects of one chunk, those whose links are to be taken back. What hangs on a created object goes with it. */
export async function reverseLinks(
  context: JobContext,
  chunk: number,
  objects: readonly Undoable[],
): Promise<readonly LinkStep[]> {
  const asked = objects.filter((one): one is Live => one.live !== undefined && one.done?.how !== 'created');
  if (asked.length === 0) return [];
  const written = await writtenSteps(context, chunk);
  const stepsOf = new Map(asked.map(({ index }) => [index, written.filter(({ origin }) => origin.index === index)]));
  const linked = asked.filter(({ index }) => (stepsOf.get(index) ?? []).length > 0);
  const created = linked.length === 0 ? new Set<Id>() : await createdBy(context);
  const hanging = await hangingOn(context, chunk, linked, stepsOf);
  return linked.flatMap(({ index, liveId }, place) => {
    const now = hanging[place];
    if (now === undefined) return [];
    return (stepsOf.get(index) ?? []).flatMap((step): LinkStep[] => {
      if (created.has(step.target) || created.has(step.source)) return [];
      const { last: _last, ...back } = reverseLink(step, liveId, now) ?? {};
      return 'act' in back ? [back as LinkStep] : [];
    });
  });
}

/** The steps of the job that were carried out, or may have been: of a part that left no outcomes, nobody knows. */
async function writtenSteps(context: JobContext, chunk: number): Promise<LinkStep[]> {
  const job = undoneJob(context);
  const steps: LinkStep[] = [];
  for (const name of [
    layout.linkSteps(job, chunk),
    layout.lastLinkSteps(job, chunk),
    layout.laterLinkSteps(job, chunk),
  ]) {
    if (!(await context.bucket.exists(name))) continue;
    for await (const line of readSlots(context.bucket, name, 0, linkSlots)) steps.push(JSON.parse(line) as LinkStep);
  }
  if (steps.length === 0) return [];
  const outcomes = await outcomesInParts(job, chunk, await partsWritten(job));
  return steps.filter(({ act, origin, name, targetId }) => {
    const told = (outcomes.get(origin.index) ?? []).filter((one) => one.relation === name && one.targetId === targetId);
    return act !== 'skip' && (told.length === 0 || told.some(({ result }) => result === 'done'));
  });
}

async function partsWritten(job: JobContext): Promise<number[]> {
  const prefix = layout.allLinkOutcomes(job);
  const parts: number[] = [];
  for await (const { name } of job.bucket.list(prefix)) parts.push(Number(name.slice(prefix.length)));
  return parts;
}

/** Live ids of what the job created: their links go with them. As large as the job; read once a context. */
const creations = new WeakMap<JobContext, Promise<ReadonlySet<Id>>>();

function createdBy(context: JobContext): Promise<ReadonlySet<Id>> {
  const found = creations.get(context) ?? readCreated(undoneJob(context));
  creations.set(context, found);
  found.catch(() => creations.delete(context));
  return found;
}

async function readCreated(job: JobContext): Promise<ReadonlySet<Id>> {
  const created = new Set<Id>();
  const chunks = job.selection.kinds.reduce((sum, kind) => sum + kind.chunks, 0);
  for (let chunk = 0; chunk < chunks; chunk += 1)
    for (const { result, newId } of (await outcomesOf(job, chunk)).values())
      if (result === 'created' && newId !== undefined) created.add(newId);
  return created;
}

async function hangingOn(
  context: JobContext,
  chunk: number,
  objects: readonly Live[],
  stepsOf: ReadonlyMap<number, readonly LinkStep[]>,
): Promise<readonly Hanging[]> {
  const { gateway } = context;
  const { kind } = await context.chunk(chunk);
  const having = (wanted: (step: LinkStep) => boolean) =>
    objects.filter(({ index }) => (stepsOf.get(index) ?? []).some(wanted));
  const read = async <T>(wanted: (step: LinkStep) => boolean, ask: (ids: readonly Id[]) => Promise<readonly T[]>) => {
    const some = having(wanted);
    const found = some.length === 0 ? [] : await ask(some.map(({ liveId }) => liveId));
    return new Map(some.map(({ index }, place) => [index, found[place]]));
  };
  const linked = having(({ relation }) => relation !== undefined);
  const links = await gateway.readLinks(
    linked.map(({ index, liveId }) => ({
      kind,
      id: liveId,
      names: [...new Set((stepsOf.get(index) ?? []).flatMap(({ name, relation }) => (relation ? [name] : [])))],
    })),
  );
  const linksOf = new Map(linked.map(({ index }, place) => [index, links[place]]));
  const active = await read(
    ({ name }) => name === 'roleAssignments',
    (ids) => gateway.readRoleAssignments(ids, 'active'),
  );
  const eligible = await read(
    ({ name }) => name === 'eligibleRoleAssignments',
    (ids) => gateway.readRoleAssignments(ids, 'eligible'),
  );
  const appRoles = await read(
    ({ act }) => act === 'app-role',
    (ids) => gateway.readUserDetails('appRoleAssignments', ids),
  );
  const methods = await read(
    ({ act }) => act === 'auth-method',
    (ids) => gateway.readUserDetails('authenticationMethods', ids),
  );
  return objects.map(({ index, live }) => ({
    links: linksOf.get(index) ?? {},
    licences: licencesOf(live.body),
    roles: { active: active.get(index) ?? [], eligible: eligible.get(index) ?? [] },
    appRoles: appRoles.get(index) ?? [],
    methods: methods.get(index) ?? [],
  }));
}
