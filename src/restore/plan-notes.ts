/** What the plan says of an object beside its steps: who stands in the way, what synchronization or an invitation has to do with it. Pure. */
import { type HybridCase, hybridWords } from './hybrid.ts';
import { conflictNote, type ObjectPlan } from './object-plan.ts';

const invitationNote =
  'Comes from outside: is invited anew, without a message, and must accept the invitation before signing in.';

export function noteOf(line: ObjectPlan & { readonly hybrid?: HybridCase }): { note?: string } {
  const hybrid = line.hybrid === undefined ? undefined : hybridWords[line.hybrid];
  const note = conflictNote(line).note ?? hybrid ?? (line.invites === undefined ? undefined : invitationNote);
  return note === undefined ? {} : { note };
}
