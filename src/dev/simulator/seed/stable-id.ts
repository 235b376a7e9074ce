/** Ids that follow from a name, so that a seeded tenant has the same ids on every machine. */
import { createHash } from 'node:crypto';

/** A GUID (version 4 in form) that depends on the name alone. */
export function stableId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A source anchor that depends on the name alone: 16 bytes in Base64, as an object GUID of Active Directory gives. */
export function stableAnchor(name: string): string {
  return createHash('sha256').update(`anchor:${name}`).digest().subarray(0, 16).toString('base64');
}
