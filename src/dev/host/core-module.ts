/**
 * Stands in for `@azure/functions-core`, the module that the cloud worker hands to `@azure/functions` (local-host.md 1). It collects
 * what an app registers, unchanged. Modules are cached, so there is one registry per process.
 */
import Module from 'node:module';
import { StartError } from './start-error.ts';

export interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly [option: string]: unknown;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

export type FunctionCallback = (...args: unknown[]) => unknown;
export type Hook = (context: Record<string, unknown>) => unknown;

export interface RegisteredFunction {
  readonly name: string;
  /** The trigger's type in lower case, such as `httptrigger`. */
  readonly triggerType: string;
  readonly triggerName: string;
  readonly trigger: Binding;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** The part of the programming model (`@azure/functions`) that the worker calls. */
export interface ProgrammingModel {
  readonly name: string;
  getInvocationModel(context: object): InvocationModel;
  getCapabilities(defaults: Record<string, string>): Promise<Record<string, string>>;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

/** How values cross between host and worker. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly int?: number;
  readonly double?: number;
  readonly bytes?: Uint8Array;
  readonly http?: object;
}

export interface Registry {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  readonly model: ProgrammingModel | undefined;
  hooks(name: string): readonly Hook[];
  /** After start nothing may be registered any more, as in the worker. */
  lock(): void;
}

type LogSink = (level: string, category: string, message: string) => void;

/** Puts the stand-in in place. Call it before the app, or anything that imports `@azure/functions`, is loaded. */
export function installCoreModule(log: LogSink): Registry {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = new Map<string, Hook[]>();
  let model: ProgrammingModel | undefined;
  let locked = false;
  class Disposable {
    readonly #undo: () => void;
    constructor(undo: () => void) {
      this.#undo = undo;
    }
    dispose() {
      this.#undo();
    }
  }
  const refuseIfLocked = (what: string) => {
    if (locked) throw new Error(`${what} can't be registered after the app has started.`);
  };
  const core = {
    version: '4.0.0-local',
    hostVersion: '4.1036.0-local',
    Disposable,
    log,
    setProgrammingModel(next: ProgrammingModel) {
      model = next;
    },
    getProgrammingModel: () => model,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      refuseIfLocked(`Function '${metadata.name}'`);
      functions.set(metadata.name, registered(metadata, callback, functions));
      return new Disposable(() => functions.delete(metadata.name));
    },
    registerHook(name: string, hook: Hook) {
      refuseIfLocked(`Hook '${name}'`);
      const list = hooks.get(name) ?? [];
      hooks.set(name, [...list, hook]);
      return new Disposable(() => hooks.set(name, hooks.get(name)?.filter((other) => other !== hook) ?? []));
    },
  };
  const original = Module.prototype.require;
  Module.prototype.require = function (this: Module, id: string) {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  } as typeof original;
  return {
    functions,
    get model() {
      return model;
    },
    hooks: (name) => hooks.get(name) ?? [],
    lock() {
      locked = true;
    },
  };
}

function registered(metadata: FunctionMetadata, callback: FunctionCallback, known: ReadonlyMap<string, unknown>) {
  // One namespace over all trigger types, in Azure too, and there without regard to case.
  const twin = [...known.keys()].find((name) => name.toLowerCase() === metadata.name.toLowerCase());
  if (twin !== undefined)
    throw new StartError(`Two functions are named '${metadata.name}': names are shared by all kinds of triggers.`);
  const found = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
  if (found === undefined) throw new StartError(`Function '${metadata.name}' has no trigger.`);
  const [triggerName, trigger] = found;
  return { name: metadata.name, triggerType: trigger.type.toLowerCase(), triggerName, trigger, metadata, callback };
}
