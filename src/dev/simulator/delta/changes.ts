/** What changed between two numbers of the log, folded per object: what a delta round has to tell. */
import type { Change, DirectoryType, Relation } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';

export interface ChangedObject {
  readonly id: string;
  readonly type: DirectoryType;
  /** Created or restored: told in full. */
  whole: boolean;
  purged: boolean;
  binned: boolean;
  /** Touched without a property (a switch of settings makes links do that). */
  touched: boolean;
  readonly properties: Set<string>;
  /** By relation: each target whose link changed, and its type; whether it is there is read from the tenant. */
  readonly links: Map<Relation, Map<string, DirectoryType>>;
}

const kept = 8;
const cache = new WeakMap<Tenant, Map<string, readonly ChangedObject[]>>();

export interface Round {
  readonly types: readonly DirectoryType[];
  /** Changes after this number, */
  readonly from: number;
  /** and up to this one. */
  readonly to: number;
  /** Leaves out links that went because their target was purged (a switch). */
  readonly overlooksPurged: boolean;
}

/** Objects with a change in a round, each once, by their first change. */
export function changedObjects(tenant: Tenant, round: Round): readonly ChangedObject[] {
  const key = `${round.types.join()} ${round.from} ${round.to} ${round.overlooksPurged}`;
  let rounds = cache.get(tenant);
  if (rounds === undefined) {
    rounds = new Map();
    cache.set(tenant, rounds);
  }
  const known = rounds.get(key);
  if (known !== undefined) return known;
  const found = fold(tenant.changes, round);
  const oldest = rounds.keys().next().value;
  if (rounds.size >= kept && oldest !== undefined) rounds.delete(oldest);
  rounds.set(key, found);
  return found;
}

function fold(changes: readonly Change[], { types, from, to, overlooksPurged }: Round): readonly ChangedObject[] {
  const objects = new Map<string, ChangedObject>();
  for (let at = firstAfter(changes, from); at < changes.length; at += 1) {
    const change = changes[at];
    if (change === undefined || change.number > to) break;
    const overlooked = overlooksPurged && change.byPurge === true;
    if (types.includes(change.type) && !overlooked) foldOne(objects, change);
  }
  return [...objects.values()];
}

function foldOne(objects: Map<string, ChangedObject>, change: Change): void {
  let object = objects.get(change.id);
  if (object === undefined) {
    const { id, type } = change;
    object = {
      id,
      type,
      whole: false,
      purged: false,
      binned: false,
      touched: false,
      properties: new Set(),
      links: new Map(),
    };
    objects.set(id, object);
  }
  switch (change.what) {
    case 'created':
    case 'restored':
      object.whole = true;
      break;
    case 'binned':
      object.binned = true;
      break;
    case 'purged':
      object.purged = true;
      break;
    case 'updated':
      if (change.properties?.length === 0) object.touched = true;
      for (const name of change.properties ?? []) {
        // Licence states themselves are not tracked; the licences that follow from them are (graph-facts 2.1).
        if (name === 'licenseAssignmentStates') object.properties.add('assignedLicenses').add('assignedPlans');
        else object.properties.add(name);
        // Who gets another name signs in with it.
        if (name === 'userPrincipalName') object.properties.add('identities');
      }
      break;
    default: {
      const relation = change.relation ?? 'members';
      const targets = object.links.get(relation) ?? new Map<string, DirectoryType>();
      targets.set(change.target ?? '', change.targetType ?? 'user');
      object.links.set(relation, targets);
    }
  }
}

function firstAfter(changes: readonly Change[], number: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle]?.number ?? 0) > number) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The last number everyone can see: with a replication delay, what came later is told in a later round. */
export function horizonOf(tenant: Tenant, replicationDelayMs: number): number {
  if (replicationDelayMs === 0) return tenant.number;
  const visibleMs = tenant.clock.nowMs() - replicationDelayMs;
  let horizon = tenant.number;
  for (let at = tenant.changes.length - 1; at >= 0; at -= 1) {
    const change = tenant.changes[at];
    if (change === undefined || change.atMs <= visibleMs) break;
    horizon = change.number - 1;
  }
  return horizon;
}
