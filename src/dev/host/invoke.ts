/** Runs one function the way the worker does: arguments, pre hooks, the handler, post hooks, the response (local-host.md 1). */
import { randomUUID } from 'node:crypto';
import type { FunctionCallback, RegisteredFunction, Registry, TypedData } from './core-module.ts';
import type { Log } from './log.ts';

export interface Invocation {
  /** Made here where it does not matter. */
  readonly invocationId?: string;
  /** Data of the trigger. */
  readonly trigger: TypedData | null;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  /** Data of each `durableClient` input. */
  readonly durableClient?: TypedData;
}

export interface Answer {
  /** What the handler returned, the very object: the durable engine looks at identities in it. */
  readonly result: unknown;
  readonly returnValue: TypedData | null;
}

/** Throws what the handler (or a hook) throws. Logs one line per invocation: name, time, outcome. */
export type Invoke = (fn: RegisteredFunction, invocation: Invocation) => Promise<Answer>;

export function createInvoke(registry: Registry, log: Log, appHookData: object): Invoke {
  return async (fn, invocation) => {
    const began = performance.now();
    let ok = false;
    try {
      const answer = await invokeOnce(registry, log, appHookData, fn, invocation);
      ok = true;
      return answer;
    } finally {
      const level = fn.triggerType === 'orchestrationtrigger' && ok ? 'debug' : 'info';
      log[level]({ fn: fn.name, ms: Math.round(performance.now() - began), ok }, 'invoked');
    }
  };
}

async function invokeOnce(
  registry: Registry,
  log: Log,
  appHookData: object,
  fn: RegisteredFunction,
  invocation: Invocation,
): Promise<Answer> {
  if (registry.model === undefined) throw new Error('No programming model is registered.');
  const { invocationId = randomUUID() } = invocation;
  let invocationContext: object | undefined;
  const core = {
    invocationId,
    metadata: fn.metadata,
    request: {
      invocationId,
      functionId: fn.name,
      inputData: inputData(fn, invocation),
      triggerMetadata: invocation.triggerMetadata ?? {},
    },
    state: undefined as string | undefined,
    log(level: string, category: string, message: string) {
      const entry: Record<string, unknown> = { level, category, message, invocationContext };
      for (const hook of registry.hooks('log')) hook(entry);
      writeLog(log, String(entry.level), { fn: fn.name, category }, String(entry.message));
    },
  };
  const model = registry.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  invocationContext = context;
  const shared = { hookData: {}, appHookData, invocationContext: context };
  const before = { ...shared, inputs, functionCallback: fn.callback };
  core.state = 'preInvocationHooks';
  for (const hook of registry.hooks('preInvocation')) await hook(before);
  core.state = 'invocation';
  const after: Record<string, unknown> = { ...shared, inputs: before.inputs, result: null, error: null };
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback as FunctionCallback);
  } catch (error) {
    after.error = error;
  }
  core.state = 'postInvocationHooks';
  for (const hook of registry.hooks('postInvocation')) await hook(after);
  if (after.error !== null && after.error !== undefined) throw after.error;
  const { returnValue } = await model.getResponse(context, after.result);
  return { result: after.result, returnValue: returnValue ?? null };
}

function inputData(fn: RegisteredFunction, invocation: Invocation) {
  const clients = Object.entries(fn.metadata.bindings).filter(([, binding]) => /^durableclient$/i.test(binding.type));
  return [
    { name: fn.triggerName, data: invocation.trigger },
    ...clients.map(([name]) => ({ name, data: invocation.durableClient ?? null })),
  ];
}

/** The worker's level names to ours. */
export function writeLog(log: Log, level: string, fields: object, message: string): void {
  const name = {
    trace: 'trace',
    debug: 'debug',
    information: 'info',
    warning: 'warn',
    error: 'error',
    critical: 'fatal',
  };
  log[(name[level as keyof typeof name] ?? 'info') as 'info'](fields, message);
}
