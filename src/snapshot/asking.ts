/** What is asked user by user, in which order, and who does it. */
import { type GuardedProperty, isGuarded } from '../directory/guarded-properties.ts';
import type { UserDetail } from '../directory/user-details.ts';
import type { Services } from '../services.ts';
import { stageGuardedRange } from './guarded-properties.ts';
import type { SnapshotJob } from './layout.ts';
import type { Meter } from './meter.ts';
import { stagePhotoRange } from './photos.ts';
import type { SnapshotReader } from './reader.ts';
import { stageRefreshedRange } from './refreshing.ts';
import type { SlotRange } from './slot-ranges.ts';
import { stageSponsorRange } from './sponsors.ts';
import type { Start } from './staging.ts';
import { stageDetailRange } from './user-details.ts';

/** How licences are assigned now, sponsors, guarded properties, photos, or a detail that is kept in a stream of its own. */
export type Asked = 'licenses' | 'sponsors' | GuardedProperty | 'photos' | UserDetail;

/**
 * What a snapshot asks: at first what changes the streams that pages bring, and photos; then the details, while those streams are folded.
 * @param inFull users were read from the beginning, so nothing was left out of their pages.
 */
export function askedIn({ byUser, photos, details }: Start, inFull: boolean) {
  const reading: Asked[] = [];
  if (!inFull) reading.push('licenses');
  if (byUser.includes('sponsors')) reading.push('sponsors');
  reading.push(...byUser.filter(isGuarded));
  if (photos) reading.push('photos');
  return { reading, folding: [...details] as readonly Asked[] };
}

/** Asks about the users of a range and stages the answers. */
export function stageAsked(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  asked: Asked,
  parent: SnapshotReader | undefined,
  seq: number,
  range: SlotRange,
): Promise<void> {
  if (asked === 'licenses') return stageRefreshedRange(services, meter, job, seq, range);
  if (asked === 'sponsors') return stageSponsorRange(services, meter, job, parent, seq, range);
  if (isGuarded(asked)) return stageGuardedRange(services, meter, job, asked, seq, range);
  if (asked === 'photos') return stagePhotoRange(services, meter, job, parent, seq, range);
  return stageDetailRange(services, meter, job, asked, parent, seq, range);
}
