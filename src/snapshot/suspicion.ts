/** Reads that came back suspiciously small: a directory rarely loses half of anything, a broken read easily does. Pure. */
import type { Alerts } from '../connectors/connector.ts';
import type { JobNotice } from '../job/job.ts';
import { type Manifest, type Shrunk, type StreamManifest, streamNames } from './manifest.ts';

/** Streams that both snapshots hold and that lost more than the share and at least the number that the connector allows. */
export function shrunkStreams(
  { streams }: Pick<Manifest, 'streams'>,
  parent: Pick<Manifest, 'streams'> | undefined,
  { shrinkShare, shrinkAtLeast }: Alerts,
): Shrunk[] {
  if (parent === undefined || isAnother(streams, parent.streams)) return [];
  return streamNames.flatMap((kind): Shrunk[] => {
    const [before, now] = [parent.streams[kind], streams[kind]];
    // The names of users shrink with the users, and one word about them is enough.
    if (before === undefined || now === undefined || kind === 'names') return [];
    // Of fewer relations there are fewer links, and nothing is wrong.
    if (kind === 'links' && !knowsAll(now, before)) return [];
    const lost = before.count - now.count;
    return lost >= shrinkAtLeast && lost > before.count * shrinkShare
      ? [{ kind, before: before.count, now: now.count }]
      : [];
  });
}

/**
 * Whether all that people make in a directory is others than it was: a test tenant that was set up anew. A broken read, like a catastrophe, leaves
 * fewer of the same, or none at all.
 */
function isAnother(streams: Manifest['streams'], before: Manifest['streams']): boolean {
  const counted = (['users', 'groups', 'administrativeUnits'] as const).flatMap((kind) => {
    const now = streams[kind];
    return now === undefined || before[kind] === undefined ? [] : [now];
  });
  return counted.some(({ count }) => count > 0) && counted.every(({ count, added }) => added === count);
}

const knowsAll = (now: StreamManifest, before: StreamManifest): boolean =>
  before.captured.every((name) => now.captured.includes(name));

/** What a snapshot's job says of it. */
export const shrunkNotice = ({ kind, before, now }: Shrunk): JobNotice => ({
  code: 'suspiciously-small',
  message: `${kind}: ${now} where the snapshot before has ${before}. Look at both; if this one is right, accept it (POST …/accept).`,
});
