/** Between objects and links: once every object has its id, the steps of each chunk are sorted by the object they write to. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../directory/record.ts';
import { writeSlots } from '../storage/slotted-blob.ts';
import { apart } from './apart.ts';
import { withinPlan } from './applied-plan.ts';
import { carriedLinks, expectsRestored, tellsLinks } from './expecting.ts';
import { asRecreated } from './hybrid.ts';
import type { JobContext } from './job-context.ts';
import { layout, linkSlots } from './layout.ts';
import { gatherLinks } from './link-planning.ts';
import type { LinkStep, LinkSubject } from './links.ts';
import { manyById } from './lookups.ts';
import type { ObjectOutcome } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { passSteps } from './passes.ts';

/** The slot of a written object: all links of one source meet in one activity, so no two write to it at once. */
const slotOf = ({ source }: LinkStep): number => createHash('sha1').update(source).digest().readUInt8(0) % linkSlots;

const stoodFor = (record: JsonObject = {}, result: ObjectOutcome['result']): JsonObject =>
  result === 'created' ? asRecreated(record) : record;

/** How many link steps there are, and how many of them only when all others are done. */
export interface PlannedLinks {
  readonly steps: number;
  readonly last: number;
}

/** Plans and stores the link steps of one chunk. */
export async function planLinks(context: JobContext, chunk: number, stepsOf = missingLinks): Promise<PlannedLinks> {
  const steps = await stepsOf(context, chunk);
  const last = steps.filter((step) => step.last === true);
  for (const [name, some] of [
    [layout.linkSteps(context, chunk), steps.filter((step) => step.last !== true)],
    [layout.lastLinkSteps(context, chunk), last],
  ] as const) {
    const entries = some.map((step) => ({ slot: slotOf(step), line: JSON.stringify(step) }));
    await writeSlots(context.bucket, name, linkSlots, entries);
  }
  return { steps: steps.length - last.length, last: last.length };
}

async function missingLinks(context: JobContext, chunk: number): Promise<readonly LinkStep[]> {
  const { definition, ids } = await context.chunk(chunk);
  const outcomes = await outcomesOf(context, chunk);
  const restored = [...outcomes].filter(([, { result }]) => result !== 'failed' && result !== 'skipped');
  const known = await context.reader.records(definition.name, ids);
  const subjects = await apart(
    context,
    restored,
    async (some) => {
      const live = await context.gateway.find(some.map(([, { id, newId }]) => manyById(definition.name, newId ?? id)));
      return some.map(
        ([index, { id, newId, result }], place): LinkSubject => ({
          kind: definition.name,
          id,
          liveId: newId ?? id,
          // Right after its creation a read may not find it yet: then the snapshot's record stands for it.
          body: live[place]?.[0]?.body ?? stoodFor(known.get(id)?.body, result),
          origin: { chunk, index },
          // What was made a moment ago has no links yet; one that somebody gave it since is found when it is written.
          state: result === 'created' ? 'new' : 'live',
        }),
      );
    },
    // The proof says of each that it cannot be read any more.
    () => [],
  );
  const created = restored
    .filter(([, { result, external }]) => result === 'created' && external !== true)
    .map(([index, { kind, id, newId = id }]) => ({ kind, id, liveId: newId, origin: { chunk, index } }));
  const missing = await gatherLinks(context, subjects, {
    expects: expectsRestored(context),
    tells: tellsLinks(context),
    carried: await carriedLinks(context),
  });
  return [...(await withinPlan(context, chunk, missing)), ...passSteps(context, created)];
}
