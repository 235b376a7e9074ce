/** What the Active Directory beside the tenant does, in few words. */
import type { Json, TestSystem } from './system.ts';

export interface OnPremises {
  /** An account that a sync cycle has brought into the tenant. */
  synced(name: string, more?: Json): Promise<{ readonly id: string; readonly anchor: string }>;
  account(body: Json): Promise<string>;
  sync(): Promise<Json>;
  userNamed(name: string): Promise<string>;
}

export function onPremisesOf({ control, directory }: TestSystem): OnPremises {
  const account: OnPremises['account'] = async (body) => (await control('POST', '/on-premises/users', body)).anchor;
  const sync = (): Promise<Json> => control('POST', '/on-premises/sync');
  const userNamed: OnPremises['userNamed'] = async (name) =>
    (await directory.usersNamed(`${name.toLowerCase()}@contoso.com`))[0].id;
  return {
    account,
    sync,
    userNamed,
    synced: async (name, more = {}) => {
      const userPrincipalName = `${name.toLowerCase()}@contoso.com`;
      const anchor = await account({ userPrincipalName, displayName: name, ...more });
      await sync();
      return { id: await userNamed(name), anchor };
    },
  };
}
