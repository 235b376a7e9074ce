/** The lines of stored plans, which the many objects of a chunk ask for. Only of plans that are complete: nobody writes to those any more. */
import { LRUCache } from 'lru-cache';
import { getLines } from '../storage/json-blob.ts';
import type { JobContext } from './job-context.ts';
import { layout } from './layout.ts';
import type { PlannedObject } from './planning.ts';

type Lines = readonly PlannedObject[];
const kept = new WeakMap<JobContext, LRUCache<string, Promise<Lines>>>();

/** @param jobId whose plan: the job's own, or the one that it applies. */
export function plannedLines(context: JobContext, jobId: string, chunk: number): Promise<Lines> {
  const chunks = kept.get(context) ?? new LRUCache<string, Promise<Lines>>({ max: 12 });
  kept.set(context, chunks);
  const name = layout.plan({ connectorId: context.connectorId, jobId }, chunk);
  const reading = chunks.get(name) ?? getLines<PlannedObject>(context.bucket, name).then((lines) => lines ?? []);
  chunks.set(name, reading);
  reading.catch(() => chunks.delete(name));
  return reading;
}
