/**
 * What happens to a name or address that somebody else holds (E:identity/hybrid/connect/tshoot-connect-sync-errors and
 * how-to-connect-syncservice-duplicate-attribute-resiliency): an error, or, with the tenant's quarantine on, the account
 * comes without the address, or under a placeholder for the name, and says so in `onPremisesProvisioningErrors`.
 */
import { createHash } from 'node:crypto';
import type { Properties } from './active-directory.ts';
import { failure, type MatchError, textOf } from './matching.ts';
import type { SyncRules, SyncTarget } from './target.ts';

export interface ProvisioningError {
  readonly category: 'PropertyConflict';
  readonly occurredDateTime: string;
  readonly propertyCausingError: 'UserPrincipalName' | 'ProxyAddresses';
  readonly value: string;
}
export interface Settled {
  readonly kind: 'settled';
  readonly properties: Properties;
  /** What is in quarantine now; empty for an account in order. */
  readonly errors: readonly ProvisioningError[];
}
export interface Export {
  readonly anchor: string;
  readonly properties: Properties;
  /** The user it goes to; null: a new one. */
  readonly userId: string | null;
  /** The tenant's time, ISO 8601. */
  readonly dateTime: string;
}

/** The characters a name may have (graph-facts 3.2, as for Graph). */
const wellFormed = /^[A-Za-z0-9'._!#^~-]+@[A-Za-z0-9.-]+$/;

/** Looks for every value that must be unique in the tenant. */
export function settleConflicts(account: Export, target: SyncTarget, rules: SyncRules): Settled | MatchError {
  const errors: ProvisioningError[] = [];
  const settled: Record<string, unknown> = { ...account.properties };
  const occurred = { category: 'PropertyConflict', occurredDateTime: account.dateTime } as const;
  const name = textOf(settled.userPrincipalName);
  if (name !== null && !wellFormed.test(name)) {
    return failure('IdentityDataValidationFailed', `The user principal name ${name} has unsupported characters.`);
  }
  const sid = textOf(settled.onPremisesSecurityIdentifier);
  const sameSid = sid === null ? null : target.holderOfSecurityIdentifier(sid, account.userId);
  if (sameSid !== null) {
    const message = `AttributeConflictName = OnPremiseSecurityIdentifier: user ${sameSid.id} has the same one.`;
    return failure('AttributeValueMustBeUnique', message);
  }
  const clash = name === null ? null : findClash(name, account, target);
  if (name !== null && clash !== null) {
    if (!clash.quarantinable || !rules.features.quarantineUponUpnConflictEnabled) return clash.error;
    settled.userPrincipalName = placeholder(name, account.anchor, rules);
    errors.push({ ...occurred, propertyCausingError: 'UserPrincipalName', value: name });
  }
  const free: string[] = [];
  const addresses = proxiesOf(settled);
  for (const address of addresses) {
    const taken = findClash(address.replace(/^smtp:/i, ''), account, target);
    if (taken === null) free.push(address);
    else if (!taken.quarantinable || !rules.features.quarantineUponProxyAddressesConflictEnabled) return taken.error;
    else errors.push({ ...occurred, propertyCausingError: 'ProxyAddresses', value: address });
  }
  if (free.length < addresses.length) {
    settled.proxyAddresses = free;
    settled.mail = free.find((address) => address.startsWith('SMTP:'))?.slice('SMTP:'.length) ?? null;
  }
  return { kind: 'settled', properties: settled, errors };
}

interface Clash {
  readonly error: MatchError;
  /** A value that an object of another type holds stays an error. */
  readonly quarantinable: boolean;
}

function findClash(value: string, { userId }: Export, target: SyncTarget): Clash | null {
  const holder = target.holderOf(value, userId);
  if (holder === null) return null;
  return holder.type === 'user'
    ? {
        error: failure('AttributeValueMustBeUnique', `User ${holder.id} holds a value that must be unique.`),
        quarantinable: true,
      }
    : {
        error: failure('ObjectTypeMismatch', `An object of type ${holder.type}, ${holder.id}, holds the same address.`),
        quarantinable: false,
      };
}

/** `<prefix>+<four digits>@<initial domain>`; the digits follow from the anchor, so that the next cycle finds it in step. */
function placeholder(name: string, anchor: string, { domains }: SyncRules): string {
  const digits = 1000 + (createHash('sha256').update(anchor).digest().readUInt32BE(0) % 9000);
  return `${name.split('@')[0]}+${digits}@${domains[0]}`;
}

function proxiesOf({ proxyAddresses }: Properties): readonly string[] {
  return Array.isArray(proxyAddresses) ? proxyAddresses.map(String) : [];
}
