/** Names of the other ends of links, as the snapshot knows them, where nothing else had to be read of those ends. */
import type { Id } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import type { LinkStep } from './links.ts';

/** The same steps; of those without a name of their other end, each with the one that the snapshot has. */
export async function withTargetNames(
  { reader }: Pick<JobContext, 'reader'>,
  steps: readonly LinkStep[],
): Promise<LinkStep[]> {
  const nameless = steps.filter(({ targetName }) => targetName === undefined);
  const names = new Map<Id, string>();
  for (const [kind, some] of Map.groupBy(nameless, ({ targetKind }) => targetKind)) {
    if (kind === undefined || !reader.has(kind)) continue;
    const known = await reader.records(
      kind,
      some.map(({ targetId }) => targetId),
    );
    for (const [id, { body }] of known) if (typeof body.displayName === 'string') names.set(id, body.displayName);
  }
  return steps.map((step) => {
    const targetName = step.targetName ?? names.get(step.targetId);
    return targetName === undefined ? step : { ...step, targetName };
  });
}
