/** The order of retention: decide, remove manifests, then sweep what they alone named. A dry run decides. */
import type { OrchestrationContext } from 'durable-functions';
import { failureOf } from '../durable/activity.ts';
import { caller, type Flow } from '../durable/orchestration.ts';
import type { RetentionActivities, RetentionInput } from './retention-activities.ts';

export function* retentionFlow(context: OrchestrationContext): Flow<{ removed: number }> {
  const input = context.df.getInput<RetentionInput>();
  const { call } = caller<RetentionActivities>(context);
  try {
    const removed = yield* call('planRetention', input);
    if (input.dryRun) {
      yield* call('endRetention', { ...input, removed, swept: [] });
      return { removed };
    }
    yield* call('removeSnapshots', input);
    const shards = (yield* call('sweepShards', input)) ?? null;
    const photos = (yield* call('sweepPhotos', input)) ?? null;
    yield* call('endRetention', { ...input, removed, swept: [shards, photos] });
    return { removed };
  } catch (thrown) {
    const { code, message } = failureOf(thrown);
    yield* call('failRetention', { ...input, code, message });
    return { removed: 0 };
  }
}
