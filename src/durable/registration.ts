/** Registering flows and activities under the names of their functions: one identifier from code to host to log. */
import * as df from 'durable-functions';
import { type Activities, answering } from './activity.ts';
import type { Flow } from './orchestration.ts';

export function registerActivities(activities: Activities): void {
  for (const [name, activity] of Object.entries(activities)) df.app.activity(name, { handler: answering(activity) });
}

export function registerFlows(
  flows: Readonly<Record<string, (context: df.OrchestrationContext) => Flow<unknown>>>,
): void {
  for (const [name, flow] of Object.entries(flows)) df.app.orchestration(name, flow);
}
