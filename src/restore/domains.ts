/**
 * The domain of a user principal name must be a verified one of the tenant, and where it is federated Graph makes no user without an anchor
 * (graph-facts 4.1). A domain that was taken out of the tenant, or federated, since the snapshot is found here, before Graph refuses the user.
 */
import type { Kind } from '../directory/kinds.ts';
import { isEmpty, type JsonObject } from '../directory/record.ts';
import { whyUnread } from './apart.ts';
import type { JobContext } from './job-context.ts';
import { nameProperty } from './name-rings.ts';
import { type ObjectPlan, withoutAttributes } from './object-plan.ts';

/** What the tenant says of a domain; undefined: it has none of this name; `unknown`: it would not say. */
type Domain = JsonObject | undefined | 'unknown';

/** Each is asked for once a job. */
const asked = new WeakMap<JobContext, Map<string, Promise<Domain>>>();

/** The same plan, unless it gives a user a name that the tenant does not take any more: then nothing is created, or the name stays as it is. */
export async function withUsableName(context: JobContext, { name: kind }: Kind, plan: ObjectPlan): Promise<ObjectPlan> {
  const { [nameProperty]: name } = plan.attributes;
  if (kind !== 'users' || typeof name !== 'string') return plan;
  const domain = name.split('@').at(-1)?.toLowerCase() ?? '';
  const note = whyUnusable(domain, await domainNow(context, domain), plan);
  if (note === undefined) return plan;
  // An invitation gives whoever is invited a name that the tenant takes.
  if (plan.action === 'create' && plan.invites === undefined)
    return { action: 'fail', reason: 'attribute-rejected', note, attributes: {}, skipped: [] };
  return withoutAttributes(plan, [{ name: nameProperty, result: 'failed', reason: 'attribute-rejected', note }]);
}

function whyUnusable(name: string, domain: Domain, { action, attributes }: ObjectPlan): string | undefined {
  if (domain === 'unknown') return undefined;
  if (domain === undefined || domain.isVerified === false)
    return `The domain ${name} of the user principal name is not a verified domain of the tenant. Add and verify it there, then restore again.`;
  const isRefused =
    action === 'create' && domain.authenticationType === 'Federated' && isEmpty(attributes.onPremisesImmutableId);
  return isRefused
    ? `The domain ${name} of the user principal name is federated by now, and the user has no on-premises anchor. Make the domain a managed one for the time of the restore.`
    : undefined;
}

function domainNow(context: JobContext, name: string): Promise<Domain> {
  const known = asked.get(context) ?? new Map<string, Promise<Domain>>();
  asked.set(context, known);
  const asking = known.get(name) ?? readDomain(context, name);
  known.set(name, asking);
  asking.catch(() => known.delete(name));
  return asking;
}

/**
 * What nobody may read is found out by writing. So is what became of the tenant's initial and default domain, which Entra lets nobody take out or
 * federate as long as they are that: the one lost user of the worst hour costs no read for it.
 */
async function readDomain(context: JobContext, id: string): Promise<Domain> {
  const then = await context.reader.record('domains', id);
  if (then?.body.isInitial === true || then?.body.isDefault === true) return 'unknown';
  try {
    const [found] = await context.gateway.find([{ by: 'id', kind: 'domains', id }]);
    return found?.[0]?.body;
  } catch (error) {
    await whyUnread(context, error);
    return 'unknown';
  }
}
