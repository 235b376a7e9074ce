/** What a request to restore comes to: its own words, or those of the plan that it names; users by object id, one snapshot for good. */
import { canonicalJson, type Json } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import { suppliedPassword } from '../restore/credentials.ts';
import { heldIds } from '../restore/held-ids.ts';
import { layout } from '../restore/layout.ts';
import { type RestoreRequest, selectedKinds, withoutNulls } from '../restore/request.ts';
import type { Services } from '../services.ts';
import { idsByPrincipalName } from '../snapshot/names.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { getJson } from '../storage/json-blob.ts';

/** A request whose snapshot is chosen: one finished a moment later does not change what a job restores. */
export type Wanted = RestoreRequest & { readonly snapshotId: string };

/**
 * @param body what `asked` was read from: it tells what the caller said, beside what are defaults.
 * @throws AppError `not-found` for a snapshot or plan that is not there, `conflict` for a plan that has not completed, `invalid-input`
 * for an option that is not the plan's own.
 */
export async function wantedBy(
  services: Services,
  connectorId: string,
  asked: RestoreRequest,
  body: unknown,
): Promise<Wanted> {
  const { planId } = asked;
  if (!planId) return settled(services, connectorId, asked);
  const planned = await requestOfPlan(services, connectorId, planId);
  const { newUsers, asOfDateTime, ...given } = withoutNulls(body) as Named;
  const time = asOfDateTime === undefined ? {} : { snapshotId: asOfDateTime };
  const said = Object.keys({ ...given, ...time, ...optionsOf(newUsers) }).filter((name) => !itsOwn.includes(name));
  const choice = said.includes('snapshotId') ? asked : { ...asked, snapshotId: planned.snapshotId };
  const mine = flat(await settled(services, connectorId, choice));
  const differing = said.filter((name) => alike(mine[name]) !== alike(flat(planned)[name]));
  if (differing.length > 0)
    throw new AppError(
      'invalid-input',
      `Plan ${planId} was made with other values of: ${differing.join(', ')}. Leave them out to apply it, or plan again with yours.`,
      { details: { differing } },
    );
  return { ...planned, dryRun: false, planId, ...(asked.reason === undefined ? {} : { reason: asked.reason }) };
}

type Named = Readonly<Record<string, unknown>>;

/** What a caller says for itself when it applies a plan. */
const itsOwn: readonly string[] = ['planId', 'dryRun', 'reason'];

const flat = ({ newUsers, ...rest }: RestoreRequest): Named => ({ ...rest, ...optionsOf(newUsers) });

const optionsOf = (newUsers: unknown): Named =>
  Object.fromEntries(Object.entries(newUsers ?? {}).map(([name, value]) => [`newUsers.${name}`, value]));

/** Lists name a set. */
function alike(value: unknown): string {
  if (!Array.isArray(value)) return canonicalJson((value ?? null) as Json);
  return canonicalJson([...new Set(value.map((one) => String(one).toLowerCase()))].sort());
}

/** The request of a completed plan, with the password that it supplied. */
async function requestOfPlan(
  { jobs, bucket, secrets }: Services,
  connectorId: string,
  planId: string,
): Promise<Wanted> {
  const plan = /^[\w.-]{1,100}$/.test(planId) ? await jobs.get(planId) : undefined;
  if (plan?.kind !== 'plan' || plan.connectorId !== connectorId)
    throw new AppError('not-found', 'There is no plan with this id.');
  if (plan.status !== 'completed')
    throw new AppError('conflict', `Plan ${planId} is ${plan.status}: only a completed one can be applied.`);
  const job = { connectorId, jobId: planId };
  const request = await getJson<Wanted>(bucket, layout.request(job));
  if (request === undefined) throw new AppError('not-found', `The request of plan ${planId} is not kept any more.`);
  if (request.newUsers.password === 'random') return request;
  const password = { supplied: await suppliedPassword({ bucket, secrets }, job) };
  return { ...request, newUsers: { ...request.newUsers, password } };
}

/** Whoever is named by user principal name, or by another of his ids, gets the id of the snapshot; what it does not hold stays, to be reported. */
async function settled(services: Services, connectorId: string, asked: RestoreRequest): Promise<Wanted> {
  const store = createSnapshotStore(services.bucket, connectorId);
  const { asOfDateTime, ...request } = asked;
  const manifest = await store.resolve(asOfDateTime ? { asOf: asOfDateTime } : (request.snapshotId ?? 'latest'));
  const wanted = { ...request, snapshotId: manifest.id };
  const reader = store.open(manifest);
  const names = Array.isArray(wanted.users) ? wanted.users.filter((name) => name.includes('@')) : [];
  const byName = await idsByPrincipalName(reader, names);
  for (const { kind, selected } of selectedKinds(wanted)) {
    if (selected === 'all') continue;
    const heldId = await heldIds(services.jobs, connectorId, reader, kind, selected);
    const ids = selected.map((name) => byName.get(name.toLowerCase()) ?? heldId(name));
    Object.assign(wanted, { [kind]: [...new Set(ids)] });
  }
  return wanted;
}
