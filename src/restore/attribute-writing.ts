/** Writing attributes so that one refusal does not lose the rest (R30). */
import type { WriteResult } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import type { Id, JsonObject } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import type { AttributeOutcome } from './outcome.ts';
import type { Reason } from './reasons.ts';

type Failure = Extract<WriteResult, { ok: false }>;

/** What a refused write means for the admin; `property` as far as Graph named one. */
export function reasonOf(failure: Failure, property = failure.property): Reason {
  switch (failure.problem) {
    case 'conflict':
      return conflictReason(property);
    case 'forbidden':
      return 'privileged-needs-app-role';
    case 'refused':
      return property === undefined ? 'graph-error' : 'attribute-rejected';
    default:
      return 'graph-error';
  }
}

function conflictReason(property: string | undefined): Reason {
  if (property === 'onPremisesImmutableId') return 'anchor-conflict';
  return property === 'proxyAddresses' || property === 'mail' || property === 'otherMails'
    ? 'proxy-conflict'
    : 'name-conflict';
}

/**
 * Updates a live object. All attributes go in one write; when Graph names a culprit the rest is sent again without it, and when
 * it names none each is sent alone, since Graph refuses a PATCH as a whole.
 */
export async function writeAttributes(
  context: JobContext,
  kind: Kind,
  id: Id,
  changes: JsonObject,
): Promise<AttributeOutcome[]> {
  const names = Object.keys(changes);
  const [only] = names;
  if (only === undefined) return [];
  const [result] = await context.gateway.apply([{ write: 'update', kind: kind.name, id, changes }]);
  if (result === undefined || result.ok) return names.map((name) => ({ name, result: 'done' }));
  const culprit = names.length === 1 ? only : names.find((name) => name === result.property);
  if (culprit !== undefined) {
    const { [culprit]: _refused, ...rest } = changes;
    const refusal: AttributeOutcome = { name: culprit, result: 'failed', reason: reasonOf(result, culprit) };
    return [refusal, ...(await writeAttributes(context, kind, id, rest))];
  }
  const outcomes: AttributeOutcome[] = [];
  for (const name of names)
    outcomes.push(...(await writeAttributes(context, kind, id, { [name]: changes[name] ?? null })));
  return outcomes;
}
