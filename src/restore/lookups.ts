/** Asking for objects by id, one by one or many to a request. */
import type { Lookup } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';

export type LookupById = Extract<Lookup, { by: 'id' | 'listed-id' }>;

/** Many to a request where Graph lists the kind by ids; whether a restricted unit shuts an object is then not told. */
export const manyById = (kind: KindName, id: Id): LookupById =>
  kind === 'users' || kind === 'groups' ? { by: 'listed-id', kind, id } : { by: 'id', kind, id };
