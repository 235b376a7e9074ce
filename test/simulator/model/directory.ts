/**
 * What a directory must be after a few writes, in sets of ids and links: written from graph-facts 2 and 5, and sharing
 * nothing with the simulator it is compared with.
 */

export type Kind = 'user' | 'group' | 'administrativeUnit' | 'directoryRole';
export type Relation = 'members' | 'owners' | 'manager' | 'sponsors';

interface Thing {
  readonly kind: Kind;
  name: string;
  /** The hour it was put into the bin; null while it lives. */
  binnedAt: number | null;
  /** Users: has the SKU by itself; groups: hands it to its members. */
  licensed: boolean;
}

const hoursInBin = 30 * 24;

export class Directory {
  /** Hours since the beginning, moved by hand. */
  hour = 0;
  readonly #things = new Map<string, Thing>();
  readonly #links = new Map<string, Set<string>>();

  add(kind: Kind, id: string, name: string): void {
    this.#things.set(id, { kind, name, binnedAt: null, licensed: false });
  }

  live(...kinds: readonly Kind[]): readonly string[] {
    return this.#ids((thing) => kinds.includes(thing.kind) && thing.binnedAt === null);
  }

  binned(...kinds: readonly Kind[]): readonly string[] {
    return this.#ids((thing) => kinds.includes(thing.kind) && thing.binnedAt !== null);
  }

  isLive(id: string): boolean {
    return this.#things.get(id)?.binnedAt === null;
  }

  kindOf(id: string): Kind | undefined {
    return this.#things.get(id)?.kind;
  }

  nameOf(id: string): string | undefined {
    return this.#things.get(id)?.name;
  }

  rename(id: string, name: string): void {
    this.#require(id).name = name;
  }

  bin(id: string): void {
    this.#require(id).binnedAt = this.hour;
  }

  restore(id: string): void {
    this.#require(id).binnedAt = null;
  }

  /** Gone for good, with every link from and to it. */
  purge(id: string): void {
    this.#things.delete(id);
    for (const [key, targets] of this.#links) {
      if (key.startsWith(`${id} `)) this.#links.delete(key);
      else targets.delete(id);
    }
  }

  /** Time passes; what lay in the bin for thirty days is gone. */
  advance(hours: number): void {
    this.hour += hours;
    for (const [id, { binnedAt }] of [...this.#things]) {
      if (binnedAt !== null && binnedAt + hoursInBin <= this.hour) this.purge(id);
    }
  }

  license(id: string, licensed: boolean): void {
    this.#require(id).licensed = licensed;
  }

  hasOwnLicense(id: string): boolean {
    return this.#require(id).licensed;
  }

  /** By itself, or through a living group it is in. */
  isLicensed(user: string): boolean {
    return (
      this.hasOwnLicense(user) ||
      this.live('group').some((group) => this.hasOwnLicense(group) && this.has('members', group, user))
    );
  }

  has(relation: Relation, source: string, target: string): boolean {
    return this.targets(relation, source).has(target);
  }

  /** What the source is linked to; targets in the bin are among them, for they come back. */
  targets(relation: Relation, source: string): ReadonlySet<string> {
    return this.#links.get(`${source} ${relation}`) ?? new Set();
  }

  /** The targets that a read shows. */
  shown(relation: Relation, source: string): ReadonlySet<string> {
    return new Set([...this.targets(relation, source)].filter((target) => this.isLive(target)));
  }

  link(relation: Relation, source: string, target: string): void {
    const key = `${source} ${relation}`;
    const before = relation === 'manager' ? [] : this.targets(relation, source);
    this.#links.set(key, new Set([...before, target]));
  }

  unlink(relation: Relation, source: string, target: string): void {
    this.#links.get(`${source} ${relation}`)?.delete(target);
  }

  #ids(admits: (thing: Thing) => boolean): readonly string[] {
    return [...this.#things].filter(([, thing]) => admits(thing)).map(([id]) => id);
  }

  #require(id: string): Thing {
    const thing = this.#things.get(id);
    if (thing === undefined) throw new Error(`the model has no ${id}`);
    return thing;
  }
}
