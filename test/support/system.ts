/**
 * A whole system (storage, simulator, host) for one test file, reached as a stranger reaches it: over HTTP only.
 * What its processes say is kept and shown only when a test of the file failed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFailed } from 'vitest';
import { findFreePorts } from '../../src/dev/ports.ts';
import { type System, startSystem } from '../../src/dev/system.ts';
import { createGraphCalls, type GraphCalls } from './graph-calls.ts';
import { type Answer, expectStatus, send } from './http.ts';

const endings = ['completed', 'incomplete', 'failed', 'cancelled'];

// biome-ignore lint/suspicious/noExplicitAny: job and report bodies are asserted on field by field
export type Json = any;

export interface TestSystem {
  /** Addresses, key and pids; only inside tests and hooks. */
  readonly system: System;
  /** The state dir. */
  folder(): string;
  /** What the processes have said so far, a line each. */
  said(): readonly string[];
  /** Calls our API with a function key; `path` below `/api`. */
  api(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Calls Graph as the administrator beside the product; `path` below `/v1.0`. Throws when it is refused. */
  graph(method: string, path: string, body?: unknown): Promise<Json>;
  /** The same, but answers refusals instead of throwing. */
  graphAnswer(method: string, path: string, body?: unknown): Promise<Answer>;
  control(method: string, path: string, body?: unknown): Promise<Json>;
  /** Building blocks over `graph`. */
  readonly directory: GraphCalls;
  /** Takes a snapshot and answers its job when it has ended as it should. */
  snapshot(mode?: 'full' | 'incremental'): Promise<Json>;
  /** Starts a restore, waits for its end, and answers the job and its report. One that says `completed` is planned again: nothing is left to do. */
  restore(body: unknown): Promise<{ readonly job: Json; readonly report: Json }>;
  /** Starts a restore and answers the job id at once. */
  startRestore(body: unknown): Promise<string>;
  waitForJob(id: string, withinMs?: number): Promise<Json>;
  report(id: string): Promise<Json>;
  /** The product's writes to Graph since the last call of `forgetStats`. */
  writes(): Promise<number>;
  forgetStats(): Promise<void>;
}

export interface TestSystemOptions {
  readonly seed?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Call at the top of a test file: starts before its tests, ends after them. */
export function useSystem(options: TestSystemOptions = {}): TestSystem {
  const lines: string[] = [];
  let running: System | undefined;
  let folder: string | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'entra-restore-test-'));
    try {
      running = await startSystem({
        ports: await findFreePorts(),
        stateDir: folder,
        seed: options.seed ?? 'empty',
        schedule: false,
        onLine: (name, line) => lines.push(`${name}: ${line}`),
        onLost: (name, how) => lines.push(`${name} was lost: ${JSON.stringify(how)}`),
        ...(options.env && { env: { ...process.env, ...options.env } }),
      });
    } catch (error) {
      process.stderr.write(`${lines.slice(-60).join('\n')}\n`);
      throw error;
    }
  }, 90_000);
  afterAll(async () => {
    await running?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const system = (): System => {
    if (running === undefined) throw new Error('the system runs only inside tests and hooks');
    return running;
  };
  return createTestSystem(system, lines, () => folder ?? '');
}

function createTestSystem(system: () => System, lines: string[], folder: () => string): TestSystem {
  const api: TestSystem['api'] = (method, path, body, headers) =>
    send({ method, url: `${system().api}${path}`, headers: headers ?? { 'x-functions-key': system().key }, body });
  const graphAnswer: TestSystem['graphAnswer'] = (method, path, body) =>
    send({
      method,
      url: path.startsWith('http') ? path : `${system().graph}${path}`,
      headers: { authorization: 'Bearer outside', ...(body instanceof Uint8Array && { 'content-type': 'image/jpeg' }) },
      body,
    });
  const graph: TestSystem['graph'] = async (method, path, body) =>
    expectStatus(`${method} ${path}`, await graphAnswer(method, path, body)).body;
  const control: TestSystem['control'] = async (method, path, body) =>
    expectStatus(`${method} ${path}`, await send({ method, url: `${system().control}${path}`, body })).body;

  const waitForJob: TestSystem['waitForJob'] = async (id, withinMs = 60_000) => {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const job = expectStatus(`job ${id}`, await api('GET', `/jobs/${id}`), 200).body;
      if (endings.includes(job.status)) return job;
      if (performance.now() > deadline) {
        throw new Error(`job ${id} did not end within ${withinMs} ms: ${JSON.stringify(job)}`);
      }
      await sleep(60);
    }
  };
  const start = async (path: string, body: unknown): Promise<string> => {
    showLinesOnFailure(lines);
    return expectStatus(`POST ${path}`, await api('POST', path, body), 202).body.jobId;
  };
  const startRestore = (body: unknown): Promise<string> => start('/connectors/default/restores', body);
  /** What a completed job has proven (style.md 2.6): the same restore, planned again, has nothing to do. */
  const expectNothingPlanned = async ({ snapshotId }: Json, request: Json) => {
    const { planId, asOfDateTime: _, ...words } = request;
    if (planId !== undefined) return;
    const id = await startRestore({ ...words, snapshotId, dryRun: true });
    await waitForJob(id, 120_000);
    const plan = expectStatus(`plan of ${id}`, await api('GET', `/jobs/${id}/plan?top=1000`), 200).body;
    expect(
      plan.value.filter((step: Json) => step.action !== 'skip'),
      'steps left after a completed restore',
    ).toEqual([]);
  };
  const report = async (id: string): Promise<Json> =>
    expectStatus(`report of ${id}`, await api('GET', `/jobs/${id}/report`), 200).body;

  return {
    folder,
    said: () => lines,
    get system() {
      return system();
    },
    api,
    graph,
    graphAnswer,
    control,
    directory: createGraphCalls(graph, graphAnswer),
    snapshot: async (mode) => {
      const job = await waitForJob(await start('/connectors/default/snapshots', mode ? { mode } : {}), 120_000);
      if (job.status !== 'completed') throw new Error(`the snapshot ended ${job.status}: ${JSON.stringify(job)}`);
      return job;
    },
    restore: async (body) => {
      const id = await startRestore(body);
      const job = await waitForJob(id, 120_000);
      if (job.status === 'completed') await expectNothingPlanned(job, body);
      return { job, report: await report(id) };
    },
    startRestore,
    waitForJob,
    report,
    writes: async () => (await control('GET', '/stats')).writes,
    forgetStats: async () => void (await control('DELETE', '/stats')),
  };
}

function showLinesOnFailure(lines: readonly string[]): void {
  const from = lines.length;
  try {
    onTestFailed(() => void process.stderr.write(`${lines.slice(from).slice(-80).join('\n')}\n`));
  } catch {
    // Called from a hook, where there is no test to fail.
  }
}
