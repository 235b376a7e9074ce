/** The links, roles and licences that a job gave or took, as steps that take it back. Looks at what live has; writes nothing. */
import { type Kind, kindOf } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import { layout } from './layout.ts';
import { licencesOf } from './licences.ts';
import { linkOutcomesLeft, stepsIn } from './link-outcomes.ts';
import type { LinkStep } from './links.ts';
import { liveRoles } from './live-roles.ts';
import type { LinkOutcome } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { type Hanging, type HeldRole, reverseLink } from './reversing.ts';
import { withTargetNames } from './target-names.ts';
import { type Undoable, undoneJob } from './undone-job.ts';

type Live = Undoable & Required<Pick<Undoable, 'live'>>;

/** @param objects of one chunk, those whose links are to be taken back. */
export async function reverseLinks(
  context: JobContext,
  chunk: number,
  objects: readonly Undoable[],
): Promise<readonly LinkStep[]> {
  const living = objects.filter((one): one is Live => one.live !== undefined);
  const written = living.length === 0 ? [] : await writtenSteps(context, chunk);
  if (written.length === 0) return [];
  const created = await createdBy(context);
  const left = Map.groupBy(
    written.filter((step) => !goesAlong(step, created)),
    ({ origin }) => origin.index,
  );
  const linked = living.filter(({ index }) => left.has(index));
  const hanging = await hangingOn(context, chunk, linked, left);
  const steps = linked.flatMap(({ index, liveId }, place) => {
    const now = hanging[place];
    if (now === undefined) return [];
    return (left.get(index) ?? []).flatMap((step): LinkStep[] => {
      const { last: _last, ...back } = reverseLink(step, liveId, now) ?? {};
      return 'act' in back ? [back as LinkStep] : [];
    });
  });
  return withTargetNames(context, steps);
}

/**
 * In the bin an object's links rest with it (graph-facts 5); unless one took the place of another. What has no bin cannot go while something
 * hangs on it: roles of a definition.
 */
const goesAlong = ({ source, target, replaces }: LinkStep, created: ReadonlyMap<Id, Kind>): boolean => {
  const rests = (id: Id) => created.get(id)?.softDeleted === true;
  return replaces === undefined && (rests(source) || rests(target)) && (!created.has(target) || rests(target));
};

/** The steps of the job that were carried out, or may have been: of a part that left no outcomes, nobody knows. */
async function writtenSteps(context: JobContext, chunk: number): Promise<LinkStep[]> {
  const job = undoneJob(context);
  const actsIn = async (...names: string[]) => (await stepsIn(context, names)).filter(({ act }) => act !== 'skip');
  const planned = await actsIn(layout.linkSteps(job, chunk), layout.lastLinkSteps(job, chunk));
  const outcomes =
    planned.length === 0 ? new Map<number, readonly LinkOutcome[]>() : await linkOutcomesLeft(job, chunk);
  const isOf = ({ name, targetId }: LinkStep, one: LinkOutcome) => one.relation === name && one.targetId === targetId;
  const written = planned.filter((step) => {
    const told = (outcomes.get(step.origin.index) ?? []).filter((one) => isOf(step, one));
    return told.length === 0 || told.some(({ result }) => result === 'done');
  });
  // What was held back has its outcome from before: that it had to wait.
  return [...written, ...(await actsIn(layout.laterLinkSteps(job, chunk)))];
}

/** Live ids of what the job created. As large as the job; read once a context. */
const creations = new WeakMap<JobContext, Promise<ReadonlyMap<Id, Kind>>>();

function createdBy(context: JobContext): Promise<ReadonlyMap<Id, Kind>> {
  const found = creations.get(context) ?? readCreated(undoneJob(context));
  creations.set(context, found);
  found.catch(() => creations.delete(context));
  return found;
}

async function readCreated(job: JobContext): Promise<ReadonlyMap<Id, Kind>> {
  const created = new Map<Id, Kind>();
  const chunks = job.selection.kinds.reduce((sum, kind) => sum + kind.chunks, 0);
  for (let chunk = 0; chunk < chunks; chunk += 1)
    for (const { kind, result, newId } of (await outcomesOf(job, chunk)).values())
      if (result === 'created' && newId !== undefined) created.set(newId, kindOf(kind));
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
  const appRoles = await read(
    ({ name }) => name === 'appRoleAssignments',
    (ids) => gateway.readUserDetails('appRoleAssignments', ids),
  );
  const methods = await read(
    ({ act }) => act === 'auth-method',
    (ids) => gateway.readUserDetails('authenticationMethods', ids),
  );
  const held = await rolesHeld(context, [...stepsOf.values()].flat());
  return objects.map(({ index, live }) => ({
    links: linksOf.get(index) ?? {},
    licences: licencesOf(live.body),
    roles: (stepsOf.get(index) ?? []).flatMap(({ source }) => held.get(source) ?? []),
    appRoles: appRoles.get(index) ?? [],
    methods: methods.get(index) ?? [],
    now: gateway.now(),
  }));
}

/** What the holders of the steps' roles hold now, by holder. */
async function rolesHeld(
  context: JobContext,
  steps: readonly LinkStep[],
): Promise<ReadonlyMap<Id, readonly HeldRole[]>> {
  const given = steps.filter(({ act }) => act === 'assign-role' || act === 'unassign-role');
  const found = await Promise.all(
    [...Map.groupBy(given, ({ holding = 'active' }) => holding)].map(async ([holding, some]) => {
      const holders = [...new Set(some.map(({ source }) => source))];
      const roles = await liveRoles(context, holders, holding);
      return roles.flat().map((assignment): HeldRole => ({ ...assignment, holding }));
    }),
  );
  return Map.groupBy(found.flat(), ({ principalId }) => principalId);
}
