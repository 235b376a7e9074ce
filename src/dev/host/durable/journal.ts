/**
 * The engine's memory on disk: one JSON line per record, appended before anything follows from it. A line is with the kernel when
 * `append` returns, so SIGKILL loses nothing; a torn last line (a crash of the machine) is dropped. Compaction writes one image per
 * instance to a new file and puts it in the old one's place.
 */
import { closeSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasEnded } from './history.ts';
import { applyRecord, type Instances, type JournalRecord } from './records.ts';

/** So much growth since the last compaction starts the next one. */
const growthBytes = 64 * 1024 * 1024;

export interface Journal {
  readonly instances: Instances;
  /** Writes the record, then applies it to `instances`. */
  commit(record: JournalRecord): void;
  close(): void;
}

/** Opens (or makes) the journal in `folder` and compacts it, now and after every `growth` bytes. Throws when it cannot be written. */
export function openJournal(folder: string, growth: number = growthBytes): Journal {
  const path = join(folder, 'journal.jsonl');
  const instances: Instances = new Map();
  for (const record of readRecords(path)) applyRecord(instances, record);
  let { file, size } = compact(path, instances);
  let limit = size + growth;
  return {
    instances,
    commit(record) {
      size += writeSync(file, `${JSON.stringify(record)}\n`);
      applyRecord(instances, record);
      if (size < limit) return;
      closeSync(file);
      ({ file, size } = compact(path, instances));
      limit = size + growth;
    },
    close: () => closeSync(file),
  };
}

function* readRecords(path: string): Generator<JournalRecord> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  const bytes = readFileSync(path);
  // Line by line from the bytes: a journal may be longer than the longest string.
  for (let from = 0, to = bytes.indexOf(10); to >= 0; from = to + 1, to = bytes.indexOf(10, from))
    yield JSON.parse(bytes.toString('utf8', from, to)) as JournalRecord;
}

function compact(path: string, instances: Instances): { file: number; size: number } {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  let size = 0;
  for (const instance of instances.values()) {
    // Sub-orchestrations of one that ended well are of no use to anybody any more.
    const parent = instance.parent === undefined ? undefined : instances.get(instance.parent.id);
    const orphan = instance.parent !== undefined && (parent === undefined || hasEnded(parent.status));
    if (orphan && hasEnded(instance.status) && parent?.status !== 'Failed') {
      instances.delete(instance.id);
      continue;
    }
    const image: JournalRecord = { type: 'image', instance };
    size += writeSync(file, `${JSON.stringify(image)}\n`);
  }
  renameSync(draft, path);
  return { file, size };
}
