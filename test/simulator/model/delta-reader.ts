/** A reader of one delta stream that merges as documented: by id, in any order, any number of times (graph-facts 2.1). */
import { expect } from 'vitest';
import type { Json, Simulated } from '../simulated.ts';
import type { Directory, Kind, Relation } from './directory.ts';

export interface Stream {
  readonly start: string;
  readonly kinds: readonly Kind[];
  readonly relations: readonly Relation[];
  readonly licenses: boolean;
}

export const streams: readonly Stream[] = [
  {
    start: '/users/delta?$select=displayName,assignedLicenses,manager',
    kinds: ['user'],
    relations: ['manager'],
    licenses: true,
  },
  {
    start: '/groups/delta?$select=displayName,members,owners',
    kinds: ['group'],
    relations: ['members', 'owners'],
    licenses: false,
  },
  {
    start: '/directory/administrativeUnits/delta',
    kinds: ['administrativeUnit'],
    relations: ['members'],
    licenses: false,
  },
  { start: '/directoryRoles/delta', kinds: ['directoryRole'], relations: ['members'], licenses: false },
  {
    start:
      "/directoryObjects/delta?$select=displayName,members,owners,manager&$filter=isof('microsoft.graph.user') or isof('microsoft.graph.group') or isof('microsoft.graph.administrativeUnit')",
    kinds: ['user', 'group', 'administrativeUnit'],
    relations: ['members', 'owners', 'manager'],
    licenses: false,
  },
];

interface Known {
  name: string | undefined;
  licensed: boolean;
  readonly links: Map<string, Set<string>>;
}

const tokenHours = 7 * 24;

export class DeltaReader {
  readonly #stream: Stream;
  #link: string;
  /** The model's hour at which the link was given out; null before the first round. */
  #hour: number | null = null;
  #known = new Map<string, Known>();

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#link = stream.start;
  }

  /** A reader that knows the same and will go on from the same link. */
  clone(): DeltaReader {
    const copy = new DeltaReader(this.#stream);
    copy.#link = this.#link;
    copy.#hour = this.#hour;
    copy.#known = structuredClone(this.#known);
    return copy;
  }

  /** Reads a round to its end; begins anew when its token has grown too old, which it must then have been told. */
  async read(graph: Simulated, model: Directory, prefer: Record<string, string> = {}): Promise<void> {
    if (this.#hour !== null && model.hour - this.#hour > tokenHours) {
      const { status, body } = await graph.graph('GET', this.#link);
      expect([status, body.error?.code]).toEqual([400, 'syncStateNotFound']);
      this.#link = this.#stream.start;
      this.#known = new Map();
    }
    const { hour } = model;
    for (let next = this.#link; ; ) {
      const { status, body } = await graph.graph('GET', next, undefined, { headers: prefer });
      expect([next, status]).toEqual([next, 200]);
      for (const object of body.value) this.#merge(object);
      if (body['@odata.deltaLink'] !== undefined) {
        this.#link = body['@odata.deltaLink'];
        break;
      }
      next = body['@odata.nextLink'];
    }
    this.#hour = hour;
  }

  /** What it knows, and what it must know: living objects by id, with their links, those to the bin included. */
  compare(model: Directory): { readonly known: object; readonly expected: object } {
    const { kinds, relations, licenses } = this.#stream;
    const sorted = (ids: Iterable<string>) => [...ids].sort();
    const known = [...this.#known].map(([id, { name, licensed, links }]) => [
      id,
      { name, licensed, links: relations.map((relation) => sorted(links.get(relation) ?? [])) },
    ]);
    const expected = model.live(...kinds).map((id) => [
      id,
      {
        name: model.nameOf(id),
        licensed: licenses && model.isLicensed(id),
        links: relations.map((relation) =>
          sorted(relation in relationsOf(model, id) ? model.targets(relation, id) : []),
        ),
      },
    ]);
    return { known: Object.fromEntries(known), expected: Object.fromEntries(expected) };
  }

  #merge({ id, '@removed': removed, ...body }: Json): void {
    if (removed !== undefined) {
      this.#known.delete(id);
      return;
    }
    const known: Known = this.#known.get(id) ?? { name: undefined, licensed: false, links: new Map() };
    this.#known.set(id, known);
    if (body.displayName !== undefined) known.name = body.displayName;
    if (body.assignedLicenses !== undefined) known.licensed = body.assignedLicenses.length > 0;
    for (const relation of this.#stream.relations) {
      const targets = known.links.get(relation) ?? new Set();
      known.links.set(relation, targets);
      for (const entry of body[`${relation}@delta`] ?? []) {
        if (entry['@removed'] === undefined) targets.add(entry.id);
        else targets.delete(entry.id);
      }
    }
  }
}

/** Only groups have owners, only users a manager. */
function relationsOf(model: Directory, id: string): Partial<Record<Relation, true>> {
  switch (model.kindOf(id)) {
    case 'user':
      return { manager: true };
    case 'group':
      return { members: true, owners: true };
    default:
      return { members: true };
  }
}
