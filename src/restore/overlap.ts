/** Whether two restores would touch the same objects (R57). Pure; names are object ids by then. */
import { type RestoreRequest, selectedKinds } from './request.ts';

/** True when some kind is named by both, and one takes all of it or both name one same object. */
export function overlaps(left: RestoreRequest, right: RestoreRequest): boolean {
  const others = new Map(selectedKinds(right).map(({ kind, selected }) => [kind, selected]));
  return selectedKinds(left).some(({ kind, selected }) => {
    const other = others.get(kind);
    if (other === undefined) return false;
    if (selected === 'all' || other === 'all') return true;
    const named = new Set(other.map((id) => id.toLowerCase()));
    return selected.some((id) => named.has(id.toLowerCase()));
  });
}
