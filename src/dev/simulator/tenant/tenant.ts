/**
 * The tenant's state and its primitives. Everything is in memory; each change is a small operation that a journal can hold
 * and `apply` can repeat, and that a transaction can take back. No rule of Graph is known here: handlers check, then write.
 */
import type { TenantClock } from './clock.ts';
import type { Change, DirectoryType, Entity, Properties, Relation, Row, TableName } from './entity.ts';
import { LinkStore } from './link-store.ts';
import { positionAfter } from './order.ts';
import { UniqueIndex, type UniqueProperty } from './unique-index.ts';

/**
 * One change as the journal holds it: what, then its parts. The first number is the change's number, the second its time;
 * the last 1 of an update, link or unlink says that delta is silent about it, 2 of an unlink that its target was purged.
 */
export type Operation =
  | readonly ['create', number, number, Entity]
  | readonly ['update', number, number, string, Record<string, unknown>, readonly string[], 0 | 1]
  | readonly ['bin', number, number, string, string | null]
  | readonly ['drop', number, number, string]
  | readonly ['link', number, number, Relation, string, string, 0 | 1]
  | readonly ['unlink', number, number, Relation, string, string, 0 | 1 | 2]
  | readonly ['row', number, number, TableName, string, Row | null];

/** Where committed operations go before a write is acknowledged. */
export type OperationSink = (operations: readonly Operation[]) => void;

/** A silent change leaves no trace in delta (contract 3, native recovery). */
export interface WriteOptions {
  readonly silent?: boolean;
}

const emptyTable: ReadonlyMap<string, Row> = new Map();

export class Tenant {
  readonly clock: TenantClock;
  #entities = new Map<string, Entity>();
  #byType = new Map<DirectoryType, Entity[]>();
  #links = new LinkStore();
  #unique = new UniqueIndex();
  #tables = new Map<TableName, Map<string, Row>>();
  #changes: Change[] = [];
  #number = 0;
  #floor = 0;
  #depth = 0;
  #pending: Operation[] = [];
  #undo: Array<() => void> = [];
  #bulk = false;
  #sink: OperationSink = () => undefined;

  constructor(clock: TenantClock) {
    this.clock = clock;
  }

  // Reading

  /** The object, live or binned. */
  get(id: string): Entity | undefined {
    return this.#entities.get(id);
  }

  /** The object while it is not in the bin. */
  live(id: string): Entity | undefined {
    const entity = this.#entities.get(id);
    return entity?.deletedDateTime === null ? entity : undefined;
  }

  /** All objects of a type, live and binned, in the order of their `born`. */
  ofType(type: DirectoryType): readonly Entity[] {
    return this.#byType.get(type) ?? [];
  }

  /** Targets in the order they were linked, with the number of the change that linked them; binned targets included. */
  targets(relation: Relation, source: string): ReadonlyMap<string, number> {
    return this.#links.targets(relation, source);
  }

  sources(relation: Relation, target: string): ReadonlySet<string> {
    return this.#links.sources(relation, target);
  }

  links(): Iterable<readonly [Relation, string, ReadonlyMap<string, number>]> {
    return this.#links.entries();
  }

  /** Ids of objects holding a value that must be unique; proxy addresses and nicknames count for live objects only. */
  holders(property: UniqueProperty, value: string): ReadonlySet<string> {
    return this.#unique.holders(property, value);
  }

  /** Live users that have the SKU. */
  seats(skuId: string): number {
    return this.#unique.seats(skuId);
  }

  binned(): Iterable<Entity> {
    return this.#unique.binned();
  }

  /** Live groups and units whose members follow a rule. */
  dynamicGroups(): Iterable<Entity> {
    return this.#unique.dynamicGroups();
  }

  rows(table: TableName): ReadonlyMap<string, Row> {
    return this.#tables.get(table) ?? emptyTable;
  }

  row(table: TableName, key: string): Row | undefined {
    return this.#tables.get(table)?.get(key);
  }

  /** Number of the last change. */
  get number(): number {
    return this.#number;
  }

  /** The log is complete after this number; a token that starts before it has expired. */
  get logFloor(): number {
    return this.#floor;
  }

  /** The log that delta reads, oldest first. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  types(): Iterable<DirectoryType> {
    return this.#byType.keys();
  }

  tableNames(): Iterable<TableName> {
    return this.#tables.keys();
  }

  // Writing

  /** Runs a write: all of it happens, and reaches the journal before this returns; or, when it throws, nothing of it. */
  transact<T>(write: () => T): T {
    this.#depth += 1;
    const undoFrom = this.#undo.length;
    const pendingFrom = this.#pending.length;
    try {
      const result = write();
      if (this.#depth === 1 && this.#pending.length > 0) this.#sink(this.#pending);
      return result;
    } catch (error) {
      while (this.#undo.length > undoFrom) this.#undo.pop()?.();
      this.#pending.length = pendingFrom;
      throw error;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) {
        this.#pending = [];
        this.#undo = [];
      }
    }
  }

  /** Fills a tenant without journal, log of changes or undo: for seeds, whose result is written to disk as a whole. */
  fill(write: () => void): void {
    this.#bulk = true;
    try {
      write();
    } finally {
      this.#bulk = false;
      this.#floor = this.#number;
    }
  }

  /** Creates a live object and returns it. */
  create(type: DirectoryType, id: string, properties: Properties): Entity {
    const number = this.#number + 1;
    const atMs = this.clock.nowMs();
    // What a seed makes is there from the start; replication delay concerns only what came later.
    const createdMs = this.#bulk ? 0 : atMs;
    const entity: Entity = { id, type, born: number, createdMs, properties, deletedDateTime: null };
    this.#commit(['create', number, atMs, entity]);
    return entity;
  }

  /** Sets properties; `undefined` removes one, as if it had never been set. */
  update(id: string, properties: Readonly<Record<string, unknown>>, options: WriteOptions = {}): void {
    const set: Record<string, unknown> = {};
    const removed: string[] = [];
    for (const [name, value] of Object.entries(properties)) {
      if (value === undefined) removed.push(name);
      else set[name] = value;
    }
    this.#commit(['update', this.#number + 1, this.clock.nowMs(), id, set, removed, options.silent === true ? 1 : 0]);
  }

  /** Moves to the bin (`deletedDateTime` an ISO time) or back (null). */
  bin(id: string, deletedDateTime: string | null): void {
    this.#commit(['bin', this.#number + 1, this.clock.nowMs(), id, deletedDateTime]);
  }

  /** Removes an object, live or binned, and every link from and to it. */
  drop(id: string): void {
    for (const [relation, source, targets] of [...this.#linksOf(id)]) {
      for (const target of targets) {
        const number = this.#number + 1;
        this.#commit(['unlink', number, this.clock.nowMs(), relation, source, target, source === id ? 0 : 2]);
      }
    }
    this.#commit(['drop', this.#number + 1, this.clock.nowMs(), id]);
  }

  /** Adds a link that is not there yet. */
  link(relation: Relation, source: string, target: string, options: WriteOptions = {}): void {
    const silent = options.silent === true ? 1 : 0;
    this.#commit(['link', this.#number + 1, this.clock.nowMs(), relation, source, target, silent]);
  }

  /** Removes a link that is there. */
  unlink(relation: Relation, source: string, target: string, options: WriteOptions = {}): void {
    const silent = options.silent === true ? 1 : 0;
    this.#commit(['unlink', this.#number + 1, this.clock.nowMs(), relation, source, target, silent]);
  }

  put(table: TableName, key: string, row: Row): void {
    this.#commit(['row', this.#number + 1, this.clock.nowMs(), table, key, row]);
  }

  remove(table: TableName, key: string): void {
    if (this.row(table, key) !== undefined) {
      this.#commit(['row', this.#number + 1, this.clock.nowMs(), table, key, null]);
    }
  }

  // Disk

  /** Every operation committed from now on goes there. */
  journalTo(sink: OperationSink): void {
    this.#sink = sink;
  }

  /** Repeats an operation read from disk. */
  apply(operation: Operation): void {
    this.#number = Math.max(this.#number, operation[1]);
    this.#perform(operation, !this.#bulk);
  }

  /** Puts back the log of changes read from disk; for a tenant that was just built by `apply`. */
  restoreLog(changes: readonly Change[], number: number, floor: number): void {
    this.#changes = [...changes];
    this.#floor = floor;
    this.#number = Math.max(this.#number, number);
  }

  /** Takes back everything: no objects, links, rows, changes. Numbers go on, so that old tokens are seen to be old. */
  clear(): void {
    this.#entities = new Map();
    this.#byType = new Map();
    this.#links = new LinkStore();
    this.#unique = new UniqueIndex();
    this.#tables = new Map();
    this.#changes = [];
    this.#floor = this.#number;
  }

  /** Forgets changes up to a time: no token that may still be used needs them. */
  trimLog(beforeMs: number): void {
    const found = this.#changes.findIndex((change) => change.atMs >= beforeMs);
    const removed = this.#changes.splice(0, found < 0 ? this.#changes.length : found);
    this.#floor = removed.at(-1)?.number ?? this.#floor;
  }

  #commit(operation: Operation): void {
    if (!this.#bulk && this.#depth === 0) throw new Error('a tenant is written to inside transact or fill');
    this.#number = operation[1];
    this.#perform(operation, !this.#bulk);
    if (!this.#bulk) this.#pending.push(operation);
  }

  #perform(operation: Operation, logged: boolean): void {
    switch (operation[0]) {
      case 'create': {
        const entity = operation[3];
        this.#insert(entity);
        this.#undo.push(() => this.#delete(entity));
        if (logged) this.#log(operation, entity, 'created');
        break;
      }
      case 'update': {
        const [, , , id, set, removed, silent] = operation;
        const before = this.#require(id);
        const properties: Record<string, unknown> = { ...before.properties, ...set };
        for (const name of removed) delete properties[name];
        this.#replace(before, { ...before, properties });
        if (logged && silent === 0) {
          this.#log(operation, before, 'updated', { properties: [...Object.keys(set), ...removed] });
        }
        break;
      }
      case 'bin': {
        const before = this.#require(operation[3]);
        this.#replace(before, { ...before, deletedDateTime: operation[4] });
        if (logged) this.#log(operation, before, operation[4] === null ? 'restored' : 'binned');
        break;
      }
      case 'drop': {
        const entity = this.#require(operation[3]);
        this.#delete(entity);
        this.#undo.push(() => this.#insert(entity));
        if (logged) this.#log(operation, entity, 'purged');
        break;
      }
      case 'link': {
        const [, number, , relation, source, target, silent] = operation;
        // The ids of the objects themselves, so that two million links do not hold two million strings.
        const [from, to] = [this.#entities.get(source)?.id ?? source, this.#entities.get(target)?.id ?? target];
        this.#links.add(relation, from, to, number);
        if (this.#bulk) break;
        this.#undo.push(() => this.#links.remove(relation, source, target));
        if (logged && silent === 0) this.#logLink(operation, 'linked');
        break;
      }
      case 'unlink': {
        const [, , , relation, source, target, silent] = operation;
        const number = this.#links.targets(relation, source).get(target) ?? 0;
        this.#links.remove(relation, source, target);
        this.#undo.push(() => this.#links.add(relation, source, target, number));
        if (logged && silent !== 1) this.#logLink(operation, 'unlinked');
        break;
      }
      case 'row':
        this.#setRow(operation[3], operation[4], operation[5]);
        break;
    }
    if (this.#depth === 0) this.#undo.length = 0;
  }

  #insert(entity: Entity): void {
    this.#entities.set(entity.id, entity);
    let list = this.#byType.get(entity.type);
    if (list === undefined) {
      list = [];
      this.#byType.set(entity.type, list);
    }
    if ((list.at(-1)?.born ?? 0) < entity.born) list.push(entity);
    else list.splice(positionAfter(list, entity.born - 1), 0, entity);
    this.#unique.add(entity);
  }

  #delete(entity: Entity): void {
    this.#entities.delete(entity.id);
    const list = this.#byType.get(entity.type) ?? [];
    list.splice(positionAfter(list, entity.born - 1), 1);
    this.#unique.remove(entity);
  }

  #replace(before: Entity, after: Entity): void {
    this.#swap(before, after);
    this.#undo.push(() => this.#swap(after, before));
  }

  #swap(before: Entity, after: Entity): void {
    this.#unique.remove(before);
    this.#entities.set(after.id, after);
    const list = this.#byType.get(after.type) ?? [];
    list[positionAfter(list, after.born - 1)] = after;
    this.#unique.add(after);
  }

  #setRow(table: TableName, key: string, row: Row | null): void {
    let rows = this.#tables.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#tables.set(table, rows);
    }
    const before = rows.get(key) ?? null;
    if (row === null) rows.delete(key);
    else rows.set(key, row);
    if (!this.#bulk) this.#undo.push(() => this.#setRow(table, key, before));
  }

  #require(id: string): Entity {
    const entity = this.#entities.get(id);
    if (entity === undefined) throw new Error(`no object ${id}`);
    return entity;
  }

  *#linksOf(id: string): Generator<readonly [Relation, string, readonly string[]]> {
    for (const relation of [
      'members',
      'owners',
      'manager',
      'sponsors',
      'registeredOwners',
      'registeredUsers',
    ] as const) {
      const targets = [...this.#links.targets(relation, id).keys()];
      if (targets.length > 0) yield [relation, id, targets];
      for (const source of [...this.#links.sources(relation, id)]) yield [relation, source, [id]];
    }
  }

  #log(operation: Operation, entity: Entity, what: Change['what'], more: Partial<Change> = {}): void {
    const change = { number: operation[1], atMs: operation[2], type: entity.type, id: entity.id, what, ...more };
    this.#changes.push(change);
    this.#undo.push(() => this.#changes.pop());
  }

  #logLink(operation: Operation & readonly ['link' | 'unlink', ...unknown[]], what: 'linked' | 'unlinked'): void {
    const [, , , relation, source, target, mark] = operation;
    const entity = this.#entities.get(source);
    if (entity === undefined) return;
    const targetType = this.#entities.get(target)?.type ?? 'user';
    this.#log(operation, entity, what, { relation, target, targetType, ...(mark === 2 ? { byPurge: true } : {}) });
  }
}
