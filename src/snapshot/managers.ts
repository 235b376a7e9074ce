/**
 * Settles relations with one target before they are folded: pages only say whose manager somebody is now. Whose report he was before
 * (in the parent, or by an earlier page) must lose him too, and that is known once all pages are in.
 */
import { type Ref, refId } from '../directory/record.ts';
import { type RelationName, relationOf } from '../directory/relations.ts';
import type { Bucket } from '../storage/bucket.ts';
import { readSlotText, splitLines } from '../storage/slotted-blob.ts';
import { slotCount } from './hash-space.ts';
import type { SnapshotJob } from './layout.ts';
import { stageLink } from './patches.ts';
import type { SnapshotReader } from './reader.ts';
import { slotRanges } from './slot-ranges.ts';
import { createStager, recordStage, type StagedBlob, stageAt } from './staging.ts';

const maxBytesAtOnce = 8 * 1024 * 1024;

interface Settled {
  readonly source: Ref;
  readonly relation: RelationName;
  /** undefined: none. */
  readonly target: Ref | undefined;
  /** Somebody was linked meanwhile, so whoever the parent knows is replaced, even if that one went again. */
  readonly linked: boolean;
  /** Ids that were unlinked: counts for whom the parent knows. */
  readonly unlinked: ReadonlySet<string>;
}

/**
 * @param blobs staged `managers` lines, in the order read.
 * @param parent the snapshot to patch; undefined when the relation was read from the beginning.
 */
export async function settleManagers(
  bucket: Bucket,
  job: SnapshotJob,
  blobs: readonly StagedBlob[],
  parent: SnapshotReader | undefined,
): Promise<void> {
  const sizes = Array.from({ length: slotCount }, (_, slot) =>
    blobs.reduce((sum, blob) => sum + (blob.sizes[slot] ?? 0), 0),
  );
  for (const [seq, { from, to }] of slotRanges(sizes, maxBytesAtOnce).entries()) {
    if ((await stageAt(bucket, job, 'managers', seq)) !== undefined) continue;
    const texts = await Promise.all(blobs.map(({ name, sizes }) => readSlotText(bucket, name, from, to, sizes)));
    const settled = lastWords(texts);
    const known = await parent?.storedLinks([...new Set(settled.map(({ source }) => refId(source)))]);
    const stager = createStager();
    for (const { source, relation, target, linked, unlinked } of settled) {
      const before = (known?.get(refId(source))?.[relationOf(relation).name] ?? []) as readonly Ref[];
      for (const old of before) {
        const stays = target === undefined ? !linked && !unlinked.has(refId(old)) : refId(target) === refId(old);
        if (!stays) stageLink('-', relation, source, old, stager.stage);
      }
      if (target !== undefined) stageLink('+', relation, source, target, stager.stage);
    }
    await recordStage(bucket, job, 'managers', seq, {
      blobs: await stager.store(bucket, job, 'managers', seq),
      objects: 0,
      inFull: parent === undefined,
      restarts: 0,
      requests: 0,
      resourceUnits: 0,
    });
  }
}

function lastWords(texts: readonly string[]): Settled[] {
  const words = new Map<string, { target: Ref | undefined; linked: boolean; unlinked: Set<string> }>();
  for (const text of texts) {
    for (const line of splitLines(text)) {
      const [sign, source, relation, target = ''] = line.split('\t');
      const key = `${source}\t${relation}`;
      const known = words.get(key) ?? { target: undefined, linked: false, unlinked: new Set() };
      words.set(key, known);
      if (sign === '+') {
        known.target = target as Ref;
        known.linked = true;
      } else {
        known.unlinked.add(refId(target as Ref));
        if (known.target !== undefined && refId(known.target) === refId(target as Ref)) known.target = undefined;
      }
    }
  }
  return [...words].map(([key, word]) => {
    const [source, relation] = key.split('\t') as [Ref, RelationName];
    return { source, relation, ...word };
  });
}
