/** Seeded pseudo-random numbers, so that a tenant, or a fault by probability, is the same on every machine. */

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
  /** A version 4 GUID of this sequence. */
  guid(): string;
}

/** Mulberry32: 32 bits of state, quick and even enough for test data; never for secrets. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const bits = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const hex = (): string => bits().toString(16).padStart(8, '0');
  const below = (limit: number): number => Math.floor((bits() / 4294967296) * limit);
  return {
    next: () => bits() / 4294967296,
    below,
    pick: (values) => values[below(values.length)] ?? values[0],
    guid: () => {
      const [first, second, third, fourth] = [hex(), hex(), hex(), hex()];
      const variant = '89ab'[Number.parseInt(third.slice(0, 1), 16) & 3];
      return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${fourth}`;
    },
  };
}
