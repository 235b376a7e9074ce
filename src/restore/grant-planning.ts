/** Licences and role assignments of a chunk of restored objects: what live has, what the pure rules make of it. Writes nothing. */
import type { Lookup, RoleAssignment } from '../directory/gateway.ts';
import { isPrivilegedRole } from '../directory/privileged-roles.ts';
import type { DirectoryRecord, Id, JsonObject } from '../directory/record.ts';
import { awaitingSync } from './awaiting-sync.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import { licenceSteps, licencesOf, roleSteps } from './licences.ts';
import type { LinkStep, LinkSubject } from './links.ts';

/** @param subjects of one kind. */
export async function gatherLicences(context: JobContext, subjects: readonly LinkSubject[]): Promise<LinkStep[]> {
  const [kind] = subjects.map((subject) => subject.kind);
  if ((kind !== 'users' && kind !== 'groups') || !wantsLinks(context, 'licenses') || !context.reader.has(kind))
    return [];
  const records = await context.reader.records(
    kind,
    subjects.map(({ id }) => id),
  );
  const licensed = subjects.filter(({ id, body }) =>
    [records.get(id)?.body, body].some((side) => side !== undefined && hasLicences(side)),
  );
  if (licensed.length === 0) return [];
  const seats = await context.gateway.readSeats();
  const names = await productNames(context);
  return licensed.flatMap((subject) => {
    const record = records.get(subject.id);
    const live = subject.state === 'new' ? {} : subject.body;
    const steps = licenceSteps(licencesOf(record?.body ?? {}), licencesOf(live), seats, {
      usageLocation: subject.body.usageLocation ?? record?.body.usageLocation ?? null,
      needsLocation: kind === 'users',
      mode: context.request.links,
    });
    return steps.map(
      (step): LinkStep => ({
        act: step.act === 'skip' ? 'skip' : step.act === 'license' ? 'license' : 'unlink',
        origin: subject.origin,
        name: 'licenses',
        sourceKind: kind,
        source: subject.liveId,
        target: step.skuId,
        targetId: step.skuId,
        ...(names.has(step.skuId) ? { targetName: names.get(step.skuId) ?? '' } : {}),
        disabledPlans: step.disabledPlans,
        ...(step.reason === undefined ? {} : { reason: step.reason }),
      }),
    );
  });
}

/** SKU id -> part number, as the snapshot has them. */
async function productNames({ reader }: JobContext): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (!reader.has('subscribedSkus')) return names;
  for await (const { body } of reader.scan('subscribedSkus')) names.set(String(body.skuId), String(body.skuPartNumber));
  return names;
}

const hasLicences = (body: JsonObject) => licencesOf(body).direct.length + licencesOf(body).inherited.length > 0;

export async function gatherRoles(
  context: JobContext,
  subjects: readonly LinkSubject[],
  resolve: (id: Id) => Id,
): Promise<LinkStep[]> {
  if (!wantsLinks(context, 'roleAssignments') || !context.reader.has('roleAssignments')) return [];
  const holders = new Map(
    subjects.filter(({ kind }) => kind === 'users' || kind === 'groups').map((subject) => [subject.id, subject]),
  );
  const wanted = new Map<Id, RoleAssignment[]>();
  for await (const record of context.reader.scan('roleAssignments')) {
    const assignment = assignmentOf(record);
    if (holders.has(assignment.principalId)) {
      wanted.set(assignment.principalId, [...(wanted.get(assignment.principalId) ?? []), assignment]);
    }
  }
  const asked = [...wanted.keys()].flatMap((id) => holders.get(id) ?? []);
  const live = asked.filter(({ state }) => state !== 'new');
  const found = await context.gateway.readRoleAssignments(live.map(({ liveId }) => liveId));
  const has = new Map(live.map(({ id }, index) => [id, found[index] ?? []]));
  const renamed = await context.jobs.successors(context.connectorId, [
    ...new Set([...wanted.values()].flat().flatMap(idsOf)),
  ]);
  const current = (id: Id) => renamed.get(id)?.newId ?? resolve(id);
  const named = [...wanted.values()].flat().map((assignment) => assignment.roleDefinitionId);
  const names = await context.reader.records('roleDefinitions', named);
  const waiting = await awaitingSync(context, asked);
  const steps = asked
    .filter(({ state }) => state !== 'deleted')
    .flatMap((subject) =>
      roleSteps(wanted.get(subject.id) ?? [], has.get(subject.id) ?? [], current).map((step): LinkStep => {
        const definition = names.get(step.targetId)?.body;
        const name = definition?.displayName;
        const mustWait = waiting.has(subject.id) && isPrivilegedRole(step.targetId, definition);
        return {
          act: mustWait ? 'skip' : 'assign-role',
          ...(mustWait ? { reason: 'not-tried' as const } : {}),
          origin: subject.origin,
          name: 'roleAssignments',
          source: subject.liveId,
          target: step.roleDefinitionId,
          targetId: step.targetId,
          directoryScopeId: step.directoryScopeId,
          ...(typeof name === 'string' ? { targetName: name } : {}),
        };
      }),
    );
  return withoutMissingEnds(context, steps);
}

/** A role whose definition or unit is gone cannot be assigned (R37). */
async function withoutMissingEnds(context: JobContext, steps: readonly LinkStep[]): Promise<LinkStep[]> {
  const unitOf = ({ directoryScopeId }: LinkStep) => /^\/administrativeUnits\/(.+)$/.exec(directoryScopeId ?? '')?.[1];
  const lookups = new Map<Id, Lookup>();
  for (const step of steps) {
    lookups.set(step.target, { by: 'id', kind: 'roleDefinitions', id: step.target });
    const unit = unitOf(step);
    if (unit !== undefined) lookups.set(unit, { by: 'id', kind: 'administrativeUnits', id: unit });
  }
  const ids = [...lookups.keys()];
  const found = await context.gateway.find([...lookups.values()]);
  const missing = new Set<Id>();
  for (const [index, lookup] of [...lookups.values()].entries()) {
    const id = ids[index] ?? '';
    if (found[index]?.length === 0 && !(await context.willRestore(lookup.kind, id))) missing.add(id);
  }
  return steps.map((step) =>
    step.act !== 'skip' && (missing.has(step.target) || missing.has(unitOf(step) ?? ''))
      ? { ...step, act: 'skip', reason: 'linked-object-missing' }
      : step,
  );
}

const idsOf = ({ roleDefinitionId, directoryScopeId }: RoleAssignment): Id[] => {
  const unit = /^\/administrativeUnits\/(.+)$/.exec(directoryScopeId)?.[1];
  return unit === undefined ? [roleDefinitionId] : [roleDefinitionId, unit];
};

const assignmentOf = ({ id, body }: DirectoryRecord): RoleAssignment => ({
  id,
  principalId: String(body.principalId),
  roleDefinitionId: String(body.roleDefinitionId),
  directoryScopeId: String(body.directoryScopeId ?? '/'),
});
