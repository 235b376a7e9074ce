/** The order of lists: by birth. */

/** Index of the first object born after a number, in a list ordered by birth. */
export function positionAfter(list: readonly { readonly born: number }[], born: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.born ?? 0) > born) high = middle;
    else low = middle + 1;
  }
  return low;
}
