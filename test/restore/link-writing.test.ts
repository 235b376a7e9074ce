import { expect, it } from 'vitest';
import type { Write, WriteResult } from '../../src/directory/gateway.ts';
import type { JobContext } from '../../src/restore/job-context.ts';
import { settleLinks, writesAtOnce } from '../../src/restore/link-writing.ts';
import type { LinkStep } from '../../src/restore/links.ts';

const joins = (index: number): LinkStep => ({
  act: 'link',
  origin: { chunk: 0, index },
  name: 'memberOf',
  relation: 'members',
  source: `group-${index}`,
  target: 'ada',
  targetId: `group-${index}`,
});

it('R56 cancelled within a large part, it finishes the writes that are under way, and lists all further links as not tried', async () => {
  const sent: Write[] = [];
  let cancelled = false;
  const gateway = {
    now: () => new Date(0),
    async apply(writes: readonly Write[]): Promise<WriteResult[]> {
      sent.push(...writes);
      cancelled = true;
      return writes.map(() => ({ ok: true }));
    },
  };
  const context = { gateway } as unknown as JobContext;
  const steps = Array.from({ length: 3 * writesAtOnce }, (_, index) => joins(index));
  const outcomes = await settleLinks(
    context,
    steps,
    () => 'steps',
    async () => cancelled,
  );
  expect(sent).toHaveLength(writesAtOnce);
  expect(outcomes.map(({ result, reason }) => reason ?? result)).toEqual(
    steps.map((_, index) => (index < writesAtOnce ? 'done' : 'not-tried')),
  );
});
