/**
 * Parent records and staged changes to new records. Pure; every change may come twice, and objects in any order: of one object the
 * later word holds. A line that nothing changed is passed on as it is, never parsed.
 */
import { type Id, type Json, type Ref, refId } from '../directory/record.ts';
import { linkKeys } from './link-keys.ts';
import { idOfPatch } from './patches.ts';
import { idOfLine, parseLine, recordLine } from './record-line.ts';

const tab = '\t';

/**
 * Folds a shard of objects.
 * @param parent lines to patch; none when the stream is read from the beginning.
 */
export function foldObjects(parent: readonly string[], patches: Iterable<string>): string[] {
  const lines = new Map<Id, string>(parent.map((line) => [idOfLine(line), line]));
  for (const patch of patches) {
    const id = idOfPatch(patch);
    if (patch.startsWith('-\t')) {
      lines.delete(id);
      continue;
    }
    if (patch.startsWith('?') && !lines.has(id)) continue;
    const split = patch.indexOf(tab);
    const line = patch.slice(split + 1);
    const known = lines.get(id);
    if (known !== line)
      lines.set(
        id,
        known === undefined ? line : merged(known, patch.slice(patch.startsWith('?') ? 1 : 0, split), line),
      );
  }
  return sortedLines(lines);
}

function merged(known: string, cleared: string, line: string): string {
  const { id, body } = parseLine(known);
  const next: Record<string, Json> = { ...body };
  for (const name of cleared.split(',')) delete next[name];
  return recordLine(id, { ...next, ...parseLine(line).body });
}

/**
 * Folds a shard of links.
 * @param dropped keys that the parent's records lose: their relation is read from the beginning, or could not be read.
 */
export function foldLinks(parent: readonly string[], patches: Iterable<string>, dropped: readonly string[]): string[] {
  const changes = new Map<Id, Map<string, LastWords> | 'gone'>();
  for (const patch of patches) {
    const [sign, id = '', key = '', ref = ''] = patch.split(tab);
    const known = changes.get(id);
    if (sign === 'x') changes.set(id, 'gone');
    if (sign === 'x' || known === 'gone') continue;
    const byKey = known ?? new Map<string, LastWords>();
    if (known === undefined) changes.set(id, byKey);
    const words = byKey.get(key) ?? new Map<Id, string | null>();
    byKey.set(key, words);
    words.set(refId(ref as Ref), sign === '+' ? ref : null);
  }

  const droppedMarks = dropped.map(mark);
  const lines = new Map<Id, string>();
  for (const line of parent) {
    const id = idOfLine(line);
    const change = changes.get(id);
    if (change === undefined && !droppedMarks.some((text) => line.includes(text))) lines.set(id, line);
    else if (change !== 'gone') setOrDrop(lines, id, relinked(linkBody(line), change, dropped));
    changes.delete(id);
  }
  for (const [id, change] of changes) {
    if (change !== 'gone') setOrDrop(lines, id, relinked({}, change, dropped));
  }
  return sortedLines(lines);
}

/** Per other end the last that was said of the link: its ref, or null when unlinked. By id: a removed end may come without its type. */
type LastWords = Map<Id, string | null>;

type LinkBody = Readonly<Record<string, readonly string[]>>;

const linkBody = (line: string) => parseLine(line).body as LinkBody;
const mark = (key: string) => `"${key}":[`;

function setOrDrop(lines: Map<Id, string>, id: Id, body: LinkBody): void {
  if (Object.keys(body).length === 0) lines.delete(id);
  else lines.set(id, recordLine(id, body));
}

function relinked(
  body: LinkBody,
  change: ReadonlyMap<string, ReadonlyMap<Id, string | null>> | undefined,
  dropped: readonly string[],
): LinkBody {
  const next: Record<string, readonly string[]> = {};
  for (const [key, refs] of Object.entries(body)) if (!dropped.includes(key)) next[key] = refs;
  for (const [key, words] of change ?? []) {
    const refs = new Map((next[key] ?? []).map((ref) => [refId(ref as Ref), ref]));
    for (const [id, ref] of words) {
      if (ref === null) refs.delete(id);
      else refs.set(id, ref);
    }
    if (refs.size > 0) next[key] = [...refs.values()].sort();
    else delete next[key];
  }
  return next;
}

const allKeys = linkKeys.map(({ key }) => key);

/** Which keys the records of a shard of links hold. */
export function keysIn(lines: readonly string[]): string[] {
  const open = new Set(allKeys);
  for (const line of lines) {
    for (const key of open) if (line.includes(mark(key))) open.delete(key);
    if (open.size === 0) break;
  }
  return allKeys.filter((key) => !open.has(key));
}

export interface LineCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** How a shard's lines differ from its parent's: both sorted by id. */
export function countChanges(before: readonly string[], after: readonly string[]): LineCounts {
  const old = new Map(before.map((line) => [idOfLine(line), line]));
  let added = 0;
  let changed = 0;
  for (const line of after) {
    const id = idOfLine(line);
    const was = old.get(id);
    old.delete(id);
    if (was === undefined) added += 1;
    else if (was !== line) changed += 1;
  }
  return { added, changed, removed: old.size };
}

function sortedLines(lines: ReadonlyMap<Id, string>): string[] {
  return [...lines.keys()].sort().map((id) => lines.get(id) ?? '');
}
