/** Links in both directions. Each carries the number of the change that made it, so that a page can resume after it. */
import type { Relation } from './entity.ts';

const noTargets: ReadonlyMap<string, number> = new Map();
const noSources: ReadonlySet<string> = new Set();

interface Adjacency {
  readonly forward: Map<string, Map<string, number>>;
  readonly backward: Map<string, Set<string>>;
}

export class LinkStore {
  readonly #relations = new Map<Relation, Adjacency>();

  /** Targets of a source in the order they were linked, each with its number. */
  targets(relation: Relation, source: string): ReadonlyMap<string, number> {
    return this.#relations.get(relation)?.forward.get(source) ?? noTargets;
  }

  sources(relation: Relation, target: string): ReadonlySet<string> {
    return this.#relations.get(relation)?.backward.get(target) ?? noSources;
  }

  add(relation: Relation, source: string, target: string, number: number): void {
    const { forward, backward } = this.#adjacency(relation);
    let targets = forward.get(source);
    if (targets === undefined) {
      targets = new Map();
      forward.set(source, targets);
    }
    targets.set(target, number);
    let sources = backward.get(target);
    if (sources === undefined) {
      sources = new Set();
      backward.set(target, sources);
    }
    sources.add(source);
  }

  remove(relation: Relation, source: string, target: string): void {
    const { forward, backward } = this.#adjacency(relation);
    const targets = forward.get(source);
    targets?.delete(target);
    if (targets?.size === 0) forward.delete(source);
    const sources = backward.get(target);
    sources?.delete(source);
    if (sources?.size === 0) backward.delete(target);
  }

  /** Every source with its targets. */
  *entries(): Generator<readonly [Relation, string, ReadonlyMap<string, number>]> {
    for (const [relation, { forward }] of this.#relations) {
      for (const [source, targets] of forward) yield [relation, source, targets];
    }
  }

  #adjacency(relation: Relation): Adjacency {
    let found = this.#relations.get(relation);
    if (found === undefined) {
      found = { forward: new Map(), backward: new Map() };
      this.#relations.set(relation, found);
    }
    return found;
  }
}
