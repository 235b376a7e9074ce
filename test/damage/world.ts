/** A tenant under damage, as its dump shows it: who is there now, and what an administrator does to them. */
import type { Answer } from '../support/http.ts';
import type { Json, TestSystem } from '../support/system.ts';

export type Kind = 'user' | 'group' | 'administrativeUnit';

/** An object or a row of `GET /_control/dump`. */
export interface Dumped {
  readonly id: string;
  readonly deletedDateTime?: string;
  readonly properties: Json;
  readonly links?: Readonly<Record<string, readonly string[]>>;
}
export type Dump = Readonly<Record<string, readonly Json[]>>;

export const collections: Readonly<Record<Kind, string>> = {
  user: '/users',
  group: '/groups',
  administrativeUnit: '/directory/administrativeUnits',
};

/** Numbers that choose: which object, which other, which of the ways. */
export interface Dice {
  readonly one: number;
  readonly two: number;
  readonly three: number;
}

export const pick = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];

export interface World {
  readonly system: TestSystem;
  dump(): Promise<Dump>;
  live(kind: Kind, at: number, also?: (one: Dumped) => boolean): Promise<Dumped | undefined>;
  binned(at: number): Promise<(Dumped & { readonly kind: Kind }) | undefined>;
  /** Sends as the administrator beside the product; a refusal is an answer, anything unexpected throws. */
  send(method: string, path: string, body?: unknown): Promise<Answer>;
}

const refusals = [400, 403, 404, 405, 409];

export function worldOf(system: TestSystem): World {
  const dump = (): Promise<Dump> => system.control('GET', '/dump');
  const kinds = Object.keys(collections) as Kind[];
  return {
    system,
    dump,
    live: async (kind, at, also = () => true) => {
      const all = ((await dump())[kind] ?? []) as readonly Dumped[];
      return pick(byName(all.filter((one) => one.deletedDateTime === undefined && also(one))), at);
    },
    binned: async (at) => {
      const tenant = await dump();
      const all = kinds.flatMap((kind) => (tenant[kind] ?? []).map((one: Dumped) => ({ ...one, kind })));
      return pick(byName(all.filter((one) => one.deletedDateTime !== undefined)), at);
    },
    send: async (method, path, body) => {
      const answer = await system.graphAnswer(method, path, body);
      if (answer.status >= 300 && !refusals.includes(answer.status))
        throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
      return answer;
    },
  };
}

/** Ids are drawn anew each time: by name the same dice choose the same object, whenever a tenant is built again. */
const byName = <T extends Dumped>(all: readonly T[]): T[] =>
  all.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));

export const nameOf = ({ id, properties }: Dumped): string => String(properties.displayName ?? id);
