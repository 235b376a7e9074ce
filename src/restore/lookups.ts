/** Asking for objects by id, one by one or many to a request. */
import type { Lookup } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { whyUnread } from './apart.ts';
import type { JobContext } from './job-context.ts';

export type LookupById = Extract<Lookup, { by: 'id' | 'listed-id' }>;

/** Many to a request where Graph lists the kind by ids; whether a restricted unit shuts an object is then not told. */
export const manyById = (kind: KindName, id: Id): LookupById =>
  kind === 'users' || kind === 'groups' ? { by: 'listed-id', kind, id } : { by: 'id', kind, id };

/** Whether objects are there that no snapshot keeps (service principals, devices); where Graph does not tell, they are taken to be. */
export async function presence(
  { gateway }: Pick<JobContext, 'gateway'>,
  ids: readonly Id[],
): Promise<(id: Id) => boolean> {
  if (ids.length === 0) return () => true;
  try {
    const found = await gateway.present(ids);
    return (id) => found.has(id);
  } catch (error) {
    await whyUnread({ gateway }, error);
    return () => true;
  }
}
