/** The order of a verification: everything the manifest names, a few parts at a time, then the chain, then the verdict. */
import type { OrchestrationContext } from 'durable-functions';
import { failureOf } from '../durable/activity.ts';
import { caller, type Flow, slices } from '../durable/orchestration.ts';
import type { Finding } from './proving.ts';
import type { VerifyActivities, VerifyInput } from './verify-activities.ts';

const partsAtOnce = 4;

export function* verifyFlow(context: OrchestrationContext): Flow<{ status: string }> {
  const input = context.df.getInput<VerifyInput>();
  const { call, callAll } = caller<VerifyActivities>(context);
  try {
    const parts = yield* call('beginVerify', input);
    const findings: Finding[] = [];
    let done = 0;
    for (const some of slices(parts, partsAtOnce)) {
      const found = yield* callAll(
        'verifyPart',
        some.map((part) => ({ ...input, ...part })),
      );
      findings.push(...found.flat());
      done += some.length;
      context.df.setCustomStatus({ phase: 'verifying', progress: { done, total: parts.length } });
      yield* call('noteVerified', { ...input, done, total: parts.length });
    }
    findings.push(...(yield* call('verifyChain', input)));
    return { status: yield* call('endVerify', { ...input, findings }) };
  } catch (thrown) {
    const { code, message } = failureOf(thrown);
    yield* call('failVerify', { ...input, code, message });
    return { status: 'failed' };
  }
}
