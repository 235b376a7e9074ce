/**
 * Rings of names: users each of whom is to get the name that the next one has, the last one that of the first. Graph keeps names unique, so that
 * none of them can begin; one takes a name of its own for a moment, then the others follow, each into the name that was left. Pure.
 */
import { type Id, isEmpty, type JsonObject } from '../directory/record.ts';
import type { ObjectPlan } from './object-plan.ts';

export const nameProperty = 'userPrincipalName';

/** A user who is to get another name, with the place in the job. */
export interface Rename {
  readonly chunk: number;
  readonly index: number;
  readonly liveId: Id;
  readonly from: string;
  readonly to: string;
}

/** The first one steps aside; each of the others then takes the name of the one before, the first one that of the last. */
export type Ring = readonly Rename[];

/** @param live the object as it is, or will be out of the bin. */
export function renameOf(
  { attributes, targetId }: Pick<ObjectPlan, 'attributes' | 'targetId'>,
  live: JsonObject | undefined,
  place: Pick<Rename, 'chunk' | 'index'>,
): { readonly rename?: Rename } {
  const [from, to] = [live?.[nameProperty], attributes[nameProperty]];
  if (targetId === undefined || isEmpty(from) || isEmpty(to)) return {};
  return { rename: { ...place, liveId: targetId, from: String(from), to: String(to) } };
}

const key = (name: string): string => name.toLowerCase();

/** The same ones in whatever order the renames come. */
export function ringsOf(renames: readonly Rename[]): Ring[] {
  const wantedBy = new Map(renames.map((rename) => [key(rename.to), rename]));
  const rings: Ring[] = [];
  const seen = new Set<Rename>();
  for (const first of renames.toSorted((left, right) => left.liveId.localeCompare(right.liveId))) {
    const ring: Rename[] = [];
    let next: Rename | undefined = first;
    for (; next !== undefined && !seen.has(next); next = wantedBy.get(key(next.from))) {
      seen.add(next);
      ring.push(next);
    }
    if (next === first && ring.length > 1) rings.push(ring);
  }
  return rings;
}

/** The name for a moment: it tells whose it is and what for, nobody else can have it, and its domain is one that the tenant has. */
export const asideName = ({ liveId, from }: Pick<Rename, 'liveId' | 'from'>): string =>
  `restoring.${liveId}@${from.slice(from.lastIndexOf('@') + 1)}`;

export const isNamed = (name: string, live: JsonObject | undefined): boolean =>
  key(String(live?.[nameProperty] ?? '')) === key(name);

/** What can be written before the ring is turned. */
export function withoutName(plan: ObjectPlan): ObjectPlan {
  const { [nameProperty]: name, ...attributes } = plan.attributes;
  if (name === undefined) return plan;
  return {
    ...plan,
    attributes,
    skipped: [...plan.skipped, { name: nameProperty, result: 'skipped', reason: 'not-tried' }],
  };
}

export const asideNote =
  'A name for a moment: those whose names go round in a ring get them back once one of them has stepped aside.';
