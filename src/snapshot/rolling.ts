/**
 * The rolling pass over what only a request a user tells and no delta reports: photos and authentication methods. The slots of the hash space
 * are spread over the days of one pass, counted from when a stream was last read from the beginning; each snapshot asks again about the users
 * of the slots that have come due since the one before it. So no answer grows older than a pass, no night has to ask about everybody, and
 * nothing but the parent's manifest needs to be remembered. Pure.
 */
import type { UserDetail } from '../directory/user-details.ts';
import { slotCount } from './hash-space.ts';
import type { Manifest, StreamManifest } from './manifest.ts';
import type { SlotRange } from './slot-ranges.ts';

/** One pass over all users. */
export const passMs = 7 * 86_400_000;

/** What rolls; app roles, asked user by user in large tenants, are listed in full whenever users are. */
export const rolledStreams = ['photos', 'authenticationMethods'] as const satisfies readonly ('photos' | UserDetail)[];
export type RolledStream = (typeof rolledStreams)[number];
export const isRolled = (name: string): name is RolledStream => rolledStreams.some((rolled) => rolled === name);

/** Of each stream that is patched from the parent's: the slots asked about again. A stream that is not named is asked of everybody met. */
export type Due = Readonly<Partial<Record<RolledStream, readonly SlotRange[]>>>;

/** @param now absent: nothing is asked again, only the streams are patched. */
export function dueOf(parent: Manifest, kept: readonly string[], now?: Date): Due {
  return Object.fromEntries(
    rolledStreams.flatMap((name) => {
      const stream = parent.streams[name];
      if (stream === undefined || !kept.includes(name)) return [];
      return [[name, now === undefined ? [] : dueSlots(stream, parent.createdDateTime, now)]];
    }),
  );
}

/** @param then when the parent was begun: it has asked about whatever had come due by that time, if it knew of the pass. */
export function dueSlots(stream: StreamManifest, then: string, now: Date): SlotRange[] {
  const origin = Date.parse(stream.fullDateTime);
  const since = stream.oldestDateTime === undefined ? origin : Date.parse(then);
  const turnAt = (time: number) => Math.floor(((time - origin) / passMs) * slotCount);
  const [from, to] = [turnAt(since), turnAt(now.getTime())];
  if (to - from >= slotCount) return [{ from: 0, to: slotCount }];
  const [first, last] = [from % slotCount, to % slotCount];
  if (first <= last) return first === last ? [] : [{ from: first, to: last }];
  return [{ from: first, to: slotCount }, ...(last === 0 ? [] : [{ from: 0, to: last }])];
}

/** No answer in a stream that has rolled until `now` is older than this. */
export const oldestAnswer = (fullDateTime: string, now: string): string =>
  new Date(Math.max(Date.parse(fullDateTime), Date.parse(now) - passMs)).toISOString();

export const isDue = (ranges: readonly SlotRange[], slot: number): boolean =>
  ranges.some(({ from, to }) => slot >= from && slot < to);
