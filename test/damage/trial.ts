/** One trial: a tenant is made, kept, damaged and restored; then it is compared with what it was, and planned again. */
import fc from 'fast-check';
import { beforeAll } from 'vitest';
import type { Json, TestSystem } from '../support/system.ts';
import { type Damages, damage, damages } from './damages.ts';
import { unlikeness } from './likeness.ts';
import { found, type Tenant, tenant } from './tenant.ts';
import type { World } from './world.ts';

/** How many, and which: the same seed makes the same trials. */
export const numRuns = Number(process.env.DAMAGE_RUNS ?? 8);
export const seed = Number(process.env.DAMAGE_SEED ?? 1);

/** Each tenant takes the place of another: that is no accident. */
export const withoutAlarm = (system: TestSystem): void =>
  beforeAll(async () => {
    const { tenantId } = (await system.api('GET', '/connectors/default')).body;
    await system.api('PUT', '/connectors/default', { tenantId, alerts: { shrinkShare: 1 } });
  }, 90_000);

const everything = { users: 'all', groups: 'all', administrativeUnits: 'all', roleDefinitions: 'all' };

const manner = fc.record(
  { links: fc.constantFrom('rollback', 'rollback', 'merge'), onNameConflict: fc.constantFrom('fail', 'rename') },
  { noNullPrototype: true },
);
type Manner = typeof manner extends fc.Arbitrary<infer T> ? T : never;

export const trials = fc.record({ size: tenant, some: damages, how: manner }, { noNullPrototype: true });
export interface Trial {
  readonly size: Tenant;
  readonly some: Damages;
  readonly how: Manner;
}

/** What happened, for whoever has to understand a failure; `wrong` is empty where all is well. */
export interface Story {
  readonly made: readonly string[];
  readonly did: readonly string[];
  readonly how: Manner;
  readonly status: string;
  readonly wrong: readonly string[];
  readonly report: Json;
}

export async function tryOut(world: World, { size, some, how }: Trial): Promise<Story> {
  const { system } = world;
  const made = await found(world, size);
  const before = await world.dump();
  const { id: snapshotId } = await system.snapshot('full');
  const did = await damage(world, some);
  const damaged = await world.dump();
  const request = { ...everything, ...how, allowPrivilegedRemoval: true, snapshotId };
  const { job, report } = await system.restore({ ...request, dryRun: false });
  const wrong = [
    ...unlikeness({ before, damaged, after: await world.dump(), mode: how.links }, report),
    ...(await leftToDo(world, request, report)),
  ];
  return { made, did, how, status: job.status, wrong, report };
}

/** What a second restore would still do, beside what the first one said that it could not do. */
async function leftToDo(
  { system }: World,
  request: Readonly<Record<string, unknown>>,
  report: Json,
): Promise<string[]> {
  const id = await system.startRestore({ ...request, dryRun: true });
  await system.waitForJob(id);
  const steps: Json[] = [];
  for (let path = `/jobs/${id}/plan?top=500`; path !== ''; ) {
    const { value, nextLink } = (await system.api('GET', path)).body;
    steps.push(...value);
    path = nextLink === undefined ? '' : String(nextLink).replace(/^.*\/api/, '');
  }
  const rows = new Map<string, Json>(report.objects.map((row: Json) => [row.id, row]));
  const wasRefused = ({ objectId, attributes = [], relation, targetId }: Json): boolean => {
    const { result, attributes: told, links } = rows.get(objectId);
    if (result === 'failed' || result === 'skipped') return true;
    const isSame = (one: Json): boolean => one.relation === relation && one.targetId === targetId;
    if (relation !== undefined) return links.some((one: Json) => isSame(one) && one.result !== 'done');
    const names: readonly string[] = told.filter((one: Json) => one.result !== 'done').map((one: Json) => one.name);
    return attributes.length > 0 && attributes.every((name: string) => names.includes(name));
  };
  const open = steps.filter((step) => step.action !== 'skip' && !wasRefused(step));
  return open.map((step) => `planning again: ${JSON.stringify(step)}`);
}
