/**
 * An Active Directory beside the tenant: accounts and groups by anchor, and what was deleted since the last sync cycle.
 * It knows nothing of the tenant; `sync.ts` joins the two.
 */

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
/** The directory as plain JSON, for the disk. */
export interface ActiveDirectoryState {
  readonly accounts: readonly Account[];
  readonly groups: readonly DirectoryGroup[];
  /** Anchors of accounts deleted since the last sync. */
  readonly deleted: readonly string[];
}

export interface ActiveDirectory {
  accounts(): Iterable<Account>;
  account(anchor: string): Account | null;
  /** Adds or replaces; an account made anew under a deleted one's anchor is that account again. */
  putAccount(account: Account): void;
  /** Lays properties over an account; false when there is none. */
  patchAccount(anchor: string, properties: Properties, managerAnchor?: string | null): boolean;
  deleteAccount(anchor: string): boolean;
  groups(): Iterable<DirectoryGroup>;
  putGroup(group: DirectoryGroup): void;
  deletedAnchors(): readonly string[];
  /** Ends a sync cycle: what was deleted is told. */
  forgetDeleted(): void;
  state(): ActiveDirectoryState;
}

/** An Active Directory with this content; empty when none is given. */
export function createActiveDirectory(state?: ActiveDirectoryState): ActiveDirectory {
  const accounts = new Map((state?.accounts ?? []).map((account) => [account.anchor, account]));
  const groups = new Map((state?.groups ?? []).map((group) => [group.anchor, group]));
  const deleted = new Set(state?.deleted ?? []);
  return {
    accounts: () => accounts.values(),
    account: (anchor) => accounts.get(anchor) ?? null,
    putAccount: (account) => {
      accounts.set(account.anchor, account);
      deleted.delete(account.anchor);
    },
    patchAccount: (anchor, properties, managerAnchor) => {
      const account = accounts.get(anchor);
      if (account === undefined) return false;
      accounts.set(anchor, {
        ...account,
        properties: { ...account.properties, ...properties },
        ...(managerAnchor === undefined ? {} : { managerAnchor }),
      });
      return true;
    },
    deleteAccount: (anchor) => {
      if (!accounts.delete(anchor)) return false;
      deleted.add(anchor);
      return true;
    },
    groups: () => groups.values(),
    putGroup: (group) => {
      groups.set(group.anchor, group);
    },
    deletedAnchors: () => [...deleted],
    forgetDeleted: () => {
      deleted.clear();
    },
    state: () => ({ accounts: [...accounts.values()], groups: [...groups.values()], deleted: [...deleted] }),
  };
}
