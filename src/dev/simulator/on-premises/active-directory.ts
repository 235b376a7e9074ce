/**
 * An Active Directory beside the tenant: accounts and groups by anchor, and what was deleted since the last sync cycle. Its
 * rows lie in the tenant's store, so they survive with it; `sync.ts` joins the two.
 */
import type { Tenant } from '../tenant/tenant.ts';

export type Properties = Readonly<Record<string, unknown>>;

export interface Account {
  readonly anchor: string;
  /** Graph property names; null empties the property at the next sync. */
  readonly properties: Properties;
  /** Undefined: Active Directory says nothing about the manager. */
  readonly managerAnchor?: string | null;
}
export interface DirectoryGroup {
  readonly anchor: string;
  readonly displayName: string;
  readonly members: readonly string[];
  /** The group in the tenant that an earlier sync made; Graph v1.0 shows no anchor of groups. */
  readonly connectedId?: string;
}

export interface ActiveDirectory {
  accounts(): Iterable<Account>;
  account(anchor: string): Account | null;
  /** Adds or replaces; an account made anew under a deleted one's anchor is that account again. */
  putAccount(account: Account): void;
  /** Leaves a mark that the next sync cycle acts on. */
  deleteAccount(anchor: string): void;
  groups(): Iterable<DirectoryGroup>;
  putGroup(group: DirectoryGroup): void;
  deletedAnchors(): readonly string[];
  /** Ends a sync cycle: what was deleted is told. */
  forgetDeleted(): void;
}

type StoredAccount = { readonly deleted: true } | Account;

/** The Active Directory in this tenant's store. Writes belong inside `transact` or `fill`. */
export function createActiveDirectory(tenant: Tenant): ActiveDirectory {
  const stored = (): ReadonlyMap<string, StoredAccount> =>
    tenant.rows('onPremisesUser') as unknown as ReadonlyMap<string, StoredAccount>;
  const deletedAnchors = () => [...stored()].flatMap(([anchor, row]) => ('deleted' in row ? [anchor] : []));
  return {
    accounts: () => [...stored().values()].flatMap((row) => ('deleted' in row ? [] : [row])),
    account: (anchor) => {
      const row = stored().get(anchor);
      return row === undefined || 'deleted' in row ? null : row;
    },
    putAccount: (account) => tenant.put('onPremisesUser', account.anchor, { ...account }),
    deleteAccount: (anchor) => tenant.put('onPremisesUser', anchor, { deleted: true }),
    groups: () => [...tenant.rows('onPremisesGroup').values()] as unknown as readonly DirectoryGroup[],
    putGroup: (group) => tenant.put('onPremisesGroup', group.anchor, { ...group }),
    deletedAnchors,
    forgetDeleted: () => {
      for (const anchor of deletedAnchors()) tenant.remove('onPremisesUser', anchor);
    },
  };
}
