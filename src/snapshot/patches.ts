/**
 * Changes as lines of text, the form in which they are staged. Pure.
 *
 * Objects: `nulls TAB record line` sets properties (`nulls`: comma-separated names it clears), `- TAB id` removes;
 * with `?` before it, a line sets properties only of what is there.
 * Links: `+ TAB id TAB key TAB ref` and `- …` on the record of each end; `x TAB id` drops a record.
 * Managers (relations with one target): `+ TAB source ref TAB relation TAB target ref` and `- …`, to be settled first: who was replaced is
 * only known once all pages are read.
 */
import type { Change } from '../directory/gateway.ts';
import { type DirectoryRecord, type Id, type Json, type Ref, refId } from '../directory/record.ts';
import { type RelationName, relationOf } from '../directory/relations.ts';
import type { DetailItem } from '../directory/user-details.ts';
import type { SlotEntry } from '../storage/slotted-blob.ts';
import { slotOf } from './hash-space.ts';
import { keptOfUsers, type StreamName } from './manifest.ts';
import { namesIn } from './names.ts';
import { checkId, recordLine, withoutNulls } from './record-line.ts';

export type StagedStream = StreamName | 'managers';

export type Stage = (stream: StagedStream, entry: SlotEntry) => void;

/** Turns one change into its lines. */
export function stageChange(change: Change, stage: Stage): void {
  switch (change.change) {
    case 'set':
      stage(change.kind, { slot: slotOf(change.id), line: setLine(change) });
      if (change.kind === 'users') stage('names', { slot: slotOf(change.id), line: setLine(namesIn(change)) });
      return;
    case 'also':
      stage(change.kind, { slot: slotOf(change.id), line: `?${setLine(change)}` });
      return;
    case 'remove':
      stage(change.kind, { slot: slotOf(change.id), line: `-\t${checkId(change.id)}` });
      if (change.kind === 'users') {
        for (const kept of keptOfUsers) stage(kept, { slot: slotOf(change.id), line: `-\t${change.id}` });
      }
      if (change.gone) stage('links', { slot: slotOf(change.id), line: `x\t${change.id}` });
      return;
    case 'detail':
      stage(change.detail, { slot: slotOf(change.id), line: detailLine(change.id, change.items) });
      return;
    case 'link':
    case 'unlink': {
      const sign = change.change === 'link' ? '+' : '-';
      const { relation, source, target } = change;
      if (relationOf(relation).single) {
        stage('managers', { slot: slotOf(refId(source)), line: `${sign}\t${source}\t${relation}\t${target}` });
      } else stageLink(sign, relation, source, target, stage);
    }
  }
}

/** The line that replaces what is kept of one user. */
export const detailLine = (id: Id, items: readonly DetailItem[]): string =>
  items.length === 0 ? `-\t${checkId(id)}` : setLine({ id, body: { items } });

/** One link, on the records of both its ends. */
export function stageLink(sign: '+' | '-', relation: RelationName, source: Ref, target: Ref, stage: Stage): void {
  const { name, inverse } = relationOf(relation);
  for (const [end, key, other] of [
    [source, name, target],
    [target, inverse, source],
  ] as const) {
    const id = checkId(refId(end));
    stage('links', { slot: slotOf(id), line: `${sign}\t${id}\t${key}\t${other}` });
  }
}

const isEmptyList = (value: Json): boolean => Array.isArray(value) && value.length === 0;

/** The line that sets a record's properties. A list without entries is no value: lists of Graph show it, its delta leaves it out. */
export function setLine({ id, body }: DirectoryRecord): string {
  const kept = Object.fromEntries(Object.entries(withoutNulls(body)).filter(([, value]) => !isEmptyList(value)));
  const cleared = Object.keys(body).filter((name) => kept[name] === undefined);
  return `${cleared.join(',')}\t${recordLine(checkId(id), kept)}`;
}

/** The id of the record an object or link line belongs to. */
export function idOfPatch(line: string): Id {
  const tab = line.indexOf('\t');
  const start = line.startsWith('{"id":"', tab + 1) ? tab + 8 : tab + 1;
  for (let end = start; end < line.length; end += 1) {
    const char = line.charCodeAt(end);
    if (char === 9 || char === 34) return line.slice(start, end);
  }
  return line.slice(start);
}

/** Whether a line of an object sets or clears a property. */
export function changesProperty(line: string, name: string): boolean {
  const tab = line.indexOf('\t');
  return line.slice(0, tab).split(',').includes(name) || line.includes(`"${name}":`, tab);
}
