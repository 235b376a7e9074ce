/** What became of the links of one chunk's objects, gathered from the parts that wrote them. */
import { readSlots } from '../storage/slotted-blob.ts';
import type { JobContext } from './job-context.ts';
import { layout, linkSlots } from './layout.ts';
import type { PlacedLinkOutcome } from './link-writing.ts';
import type { LinkOutcome } from './outcome.ts';

/** By the object's place in its chunk. @param parts how many activities wrote links. */
export const linkOutcomesOf = (
  context: JobContext,
  chunk: number,
  parts: number,
): Promise<ReadonlyMap<number, readonly LinkOutcome[]>> => outcomesInParts(context, chunk, [...Array(parts).keys()]);

/** The same of these parts alone. */
export async function outcomesInParts(
  context: JobContext,
  chunk: number,
  parts: readonly number[],
): Promise<ReadonlyMap<number, readonly LinkOutcome[]>> {
  const slot = chunk % linkSlots;
  const byIndex = new Map<number, LinkOutcome[]>();
  for (const part of parts) {
    for await (const line of readSlots(context.bucket, layout.linkOutcomes(context, part), slot, slot + 1)) {
      const { chunk: of, index, ...outcome } = JSON.parse(line) as PlacedLinkOutcome;
      if (of === chunk) byIndex.set(index, [...(byIndex.get(index) ?? []), outcome]);
    }
  }
  return byIndex;
}
