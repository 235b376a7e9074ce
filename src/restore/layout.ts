/** Where the blobs of a restore job lie, and how a job is cut: the one place that knows names and sizes. */
import { maxActivitiesPerFlow } from '../durable/orchestration.ts';

/** Objects a chunk holds: one restore activity each, so that one sub-orchestration stays under its limit. */
export const chunkSize = maxActivitiesPerFlow;

/** Link steps one linking activity aims at: some ten batches of writes, a few seconds at Graph's write quota. */
export const stepsPerPart = 200;

/** Hash slots that link steps are sorted into by the object they write to. */
export const linkSlots = 256;

/** How many activities write so many links. */
export const linkPartsOf = (steps: number): number =>
  Math.min(linkSlots, maxActivitiesPerFlow, Math.ceil(steps / stepsPerPart));

export interface JobInput {
  readonly jobId: string;
  readonly connectorId: string;
}

const job = ({ connectorId, jobId }: JobInput) => `${connectorId}/jobs/${jobId}`;

export const layout = {
  request: (input: JobInput) => `${job(input)}/request.json`,
  selection: (input: JobInput) => `${job(input)}/selection.json`,
  selected: (input: JobInput, chunk: number) => `${job(input)}/selection/${chunk}.json`,
  plan: (input: JobInput, chunk: number) => `${job(input)}/plan/${chunk}.ndjson`,
  planSummary: (input: JobInput, chunk: number) => `${job(input)}/plan/${chunk}.summary.json`,
  planCounts: (input: JobInput) => `${job(input)}/plan/counts.json`,
  planCountsByKind: (input: JobInput) => `${job(input)}/plan/counts-by-kind.json`,
  /** Users whose names go round in rings. */
  nameRings: (input: JobInput) => `${job(input)}/plan/name-rings.json`,
  begun: (input: JobInput, chunk: number, index: number) => `${job(input)}/begun/${chunk}-${index}`,
  /** What an object was before this job wrote to it, by its live id. */
  before: (input: JobInput, id: string) => `${job(input)}/before/${id}.json`,
  photoBefore: (input: JobInput, id: string) => `${job(input)}/before/${id}.photo.json`,
  linkSteps: (input: JobInput, chunk: number) => `${job(input)}/links/steps/${chunk}`,
  lastLinkSteps: (input: JobInput, chunk: number) => `${job(input)}/links/last-steps/${chunk}`,
  /** Steps that were held back for a synchronization, when they are carried out after all. */
  laterLinkSteps: (input: JobInput, chunk: number) => `${job(input)}/links/later/${chunk}`,
  allLinkOutcomes: (input: JobInput) => `${job(input)}/links/outcomes/`,
  linkOutcomes: (input: JobInput, part: number) => `${job(input)}/links/outcomes/${part}`,
  allVerifications: (input: JobInput) => `${job(input)}/verification/`,
  verification: (input: JobInput, chunk: number) => `${job(input)}/verification/${chunk}.json`,
  reportCounts: (input: JobInput, chunk: number) => `${job(input)}/report/${chunk}.counts.json`,
  credential: (input: JobInput, id: string) => `${job(input)}/credentials/${id}`,
  pass: (input: JobInput, id: string) => `${job(input)}/credentials/${id}.pass`,
  credentialOwner: (input: JobInput, newId: string) => `${job(input)}/credentials/by-new-id/${newId}`,
  /** Beside a sealed secret: that it was collected. */
  credentialCollected: (credential: string) => `${credential}.collected`,
  followUps: (input: JobInput) => `${job(input)}/follow-ups.json`,
  waiting: (input: JobInput, chunk: number) => `${job(input)}/follow-ups/${chunk}.json`,
  report: (input: JobInput, chunk: number) => `${job(input)}/report/${chunk}.ndjson`,
} as const;
