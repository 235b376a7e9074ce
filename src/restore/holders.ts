/** Who has the name, an address or the anchor that an object could not get (R20, H09). */
import type { Lookup } from '../directory/gateway.ts';
import type { DirectoryRecord } from '../directory/record.ts';
import { anchorHolders, anchorProperty } from './anchors.ts';
import type { JobContext } from './job-context.ts';
import type { Reason } from './reasons.ts';
import { untold } from './refusals.ts';

/** For the admin; nothing where the conflict is of another sort, or nobody is found, or told of. */
export async function holderNote(
  { gateway }: JobContext,
  { id, body }: DirectoryRecord,
  reason: Reason,
): Promise<{ note?: string }> {
  const found = await gateway.find(lookups(body, reason)).catch(untold);
  const holders = [...new Set((found ?? []).flat().map((holder) => holder.id))].filter((holder) => holder !== id);
  return holders.length === 0 ? {} : { note: `In the way: ${holders.join(', ')}.` };
}

function lookups(body: DirectoryRecord['body'], reason: Reason): readonly Lookup[] {
  const { userPrincipalName, proxyAddresses = [], [anchorProperty]: anchor } = body;
  if (reason === 'anchor-conflict') return typeof anchor === 'string' ? anchorHolders(anchor) : [];
  if (reason === 'name-conflict' && typeof userPrincipalName === 'string')
    return [{ by: 'property', kind: 'users', property: 'userPrincipalName', value: userPrincipalName }];
  if (reason !== 'proxy-conflict') return [];
  const addresses = [proxyAddresses].flat().filter((value) => typeof value === 'string');
  return addresses.flatMap((value) =>
    (['users', 'groups'] as const).map((kind): Lookup => ({ by: 'property', kind, property: 'proxyAddresses', value })),
  );
}
