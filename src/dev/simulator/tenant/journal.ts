/**
 * The tenant on disk: a base (the whole state as NDJSON) and a journal of operations after it, both in one generation.
 * A write is acknowledged after its lines are in the file, so a killed simulator loses nothing it answered for; a torn last
 * line was never acknowledged and is dropped. A new base is written beside the old one and takes over by renaming.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Change, Entity, Relation, Row, TableName } from './entity.ts';
import type { Operation, Tenant } from './tenant.ts';

type BaseLine =
  | readonly ['base', number, number]
  | readonly ['entity', Entity]
  | readonly ['links', Relation, string, ReadonlyArray<readonly [string, number]>]
  | readonly ['row', TableName, string, Row]
  | readonly ['change', Change];

const chunkBytes = 1 << 20;

export interface Journal {
  /** Writes the whole state anew and starts an empty journal after it. */
  rebase(): void;
  close(): void;
}

/**
 * Loads the tenant kept in a folder, if there is one, and journals every further change there.
 * Returns whether the folder held a tenant. Throws when the folder cannot be used.
 */
export function openJournal(folder: string, tenant: Tenant): { readonly journal: Journal; readonly loaded: boolean } {
  mkdirSync(folder, { recursive: true });
  const generations = readdirSync(folder)
    .map((name) => /^base-(\d+)\.ndjson$/.exec(name)?.[1])
    .filter((found) => found !== undefined)
    .map(Number);
  let generation = Math.max(0, ...generations);
  const loaded = generations.length > 0;
  if (loaded) load(folder, generation, tenant);
  let file = -1;
  const path = (name: string, of: number): string => join(folder, `${name}-${of}.ndjson`);
  const rebase = (): void => {
    const next = generation + 1;
    const temporary = join(folder, 'base.tmp');
    writeBase(temporary, tenant);
    rmSync(path('journal', next), { force: true });
    renameSync(temporary, path('base', next));
    if (file >= 0) closeSync(file);
    for (const old of [generation, ...generations]) {
      if (old === next) continue;
      rmSync(path('base', old), { force: true });
      rmSync(path('journal', old), { force: true });
    }
    generation = next;
    file = openSync(path('journal', generation), 'a');
  };
  const journalBytes = sizeOf(path('journal', generation));
  const small = journalBytes < Math.max(chunkBytes, sizeOf(path('base', generation)) / 4);
  if (loaded && small) file = openSync(path('journal', generation), 'a');
  else rebase();
  tenant.journalTo((operations) => {
    writeWhole(file, `${operations.map((operation) => JSON.stringify(operation)).join('\n')}\n`);
  });
  return {
    loaded,
    journal: {
      rebase,
      close: () => {
        if (file >= 0) closeSync(file);
        file = -1;
      },
    },
  };
}

function load(folder: string, generation: number, tenant: Tenant): void {
  const changes: Change[] = [];
  let [number, floor] = [0, 0];
  tenant.fill(() => {
    for (const text of lines(join(folder, `base-${generation}.ndjson`))) {
      const line = JSON.parse(text) as BaseLine;
      if (line[0] === 'base') [, number, floor] = line;
      else if (line[0] === 'entity') tenant.apply(['create', line[1].born, 0, line[1]]);
      else if (line[0] === 'links') {
        for (const [target, at] of line[3]) tenant.apply(['link', at, 0, line[1], line[2], target, 1]);
      } else if (line[0] === 'row') tenant.apply(['row', 0, 0, line[1], line[2], line[3]]);
      else changes.push(line[1]);
    }
  });
  tenant.restoreLog(changes, number, floor);
  const journal = join(folder, `journal-${generation}.ndjson`);
  if (!existsSync(journal)) return;
  dropTornLine(journal);
  for (const text of lines(journal)) tenant.apply(JSON.parse(text) as Operation);
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** Cuts a file back to its last whole line. */
function dropTornLine(path: string): void {
  const size = statSync(path).size;
  const whole = readFileSync(path).lastIndexOf(0x0a) + 1;
  if (whole === size) return;
  const file = openSync(path, 'r+');
  ftruncateSync(file, whole);
  closeSync(file);
}

function* lines(path: string): Generator<string> {
  const bytes = readFileSync(path);
  let from = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, from)) {
    yield bytes.toString('utf8', from, at);
    from = at + 1;
  }
}

function writeBase(path: string, tenant: Tenant): void {
  const file = openSync(path, 'w');
  let chunk: string[] = [];
  let size = 0;
  const flush = (): void => {
    if (chunk.length > 0) writeWhole(file, `${chunk.join('\n')}\n`);
    chunk = [];
    size = 0;
  };
  for (const line of baseLines(tenant)) {
    const text = JSON.stringify(line);
    chunk.push(text);
    size += text.length;
    if (size > chunkBytes) flush();
  }
  flush();
  closeSync(file);
}

function* baseLines(tenant: Tenant): Generator<BaseLine> {
  yield ['base', tenant.number, tenant.logFloor];
  for (const type of tenant.types()) for (const entity of tenant.ofType(type)) yield ['entity', entity];
  for (const [relation, source, targets] of tenant.links()) yield ['links', relation, source, [...targets]];
  for (const table of tenant.tableNames()) {
    for (const [key, row] of tenant.rows(table)) yield ['row', table, key, row];
  }
  for (const change of tenant.changes) yield ['change', change];
}

/** A write may take less than it was given. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
