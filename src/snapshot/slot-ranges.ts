/** Cuts slots into runs of bounded weight. Pure. */
export interface SlotRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * @param weights per slot; slots without weight need no visit, so ranges neither begin nor end with one.
 * @param unit ranges begin and end at multiples of it.
 * @returns ranges that weigh at most `maxWeight` each, unless a single unit weighs more.
 */
export function slotRanges(weights: readonly number[], maxWeight: number, unit = 1): SlotRange[] {
  const ranges: SlotRange[] = [];
  let open: { from: number; to: number; weight: number } | undefined;
  for (let from = 0; from < weights.length; from += unit) {
    const weight = weights.slice(from, from + unit).reduce((sum, one) => sum + one, 0);
    if (weight === 0) continue;
    if (open !== undefined && open.weight + weight <= maxWeight) {
      open.to = from + unit;
      open.weight += weight;
    } else {
      if (open !== undefined) ranges.push({ from: open.from, to: open.to });
      open = { from, to: from + unit, weight };
    }
  }
  if (open !== undefined) ranges.push({ from: open.from, to: open.to });
  return ranges;
}
