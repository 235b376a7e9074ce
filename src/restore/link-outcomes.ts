/** What became of the links of one chunk's objects, gathered from the parts that wrote them. */
import { readSlots } from '../storage/slotted-blob.ts';
import type { JobContext } from './job-context.ts';
import { layout, linkSlots } from './layout.ts';
import type { PlacedLinkOutcome } from './link-writing.ts';
import type { LinkStep } from './links.ts';
import type { LinkOutcome } from './outcome.ts';

/** By the object's place in its chunk. @param parts how many activities wrote links. */
export const linkOutcomesOf = (
  context: JobContext,
  chunk: number,
  parts: number,
): Promise<ReadonlyMap<number, readonly LinkOutcome[]>> => outcomesInParts(context, chunk, [...Array(parts).keys()]);

/** The same of whatever parts have left some. */
export const linkOutcomesLeft = async (
  context: JobContext,
  chunk: number,
): Promise<ReadonlyMap<number, readonly LinkOutcome[]>> => outcomesInParts(context, chunk, await partsWritten(context));

async function partsWritten(job: JobContext): Promise<number[]> {
  const prefix = layout.allLinkOutcomes(job);
  const parts: number[] = [];
  for await (const { name } of job.bucket.list(prefix)) parts.push(Number(name.slice(prefix.length)));
  return parts.sort((left, right) => left - right);
}

/** The steps that were planned into these blobs, those to be skipped among them; none of a blob that is not there. */
export async function stepsIn({ bucket }: JobContext, names: readonly string[]): Promise<LinkStep[]> {
  const steps: LinkStep[] = [];
  for (const name of names) {
    if (!(await bucket.exists(name))) continue;
    for await (const line of readSlots(bucket, name, 0, linkSlots)) steps.push(JSON.parse(line) as LinkStep);
  }
  return steps;
}

async function outcomesInParts(
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
