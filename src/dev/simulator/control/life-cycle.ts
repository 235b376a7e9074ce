/** How a sync cycle bins and revives users: as Graph itself does, without a caller. */
import type { LifeCycle } from '../on-premises/tenant-target.ts';
import { binNow, restoreNow } from '../resources/bin.ts';
import { followRules } from '../resources/dynamic-groups.ts';
import { inheritLicenses } from '../resources/licensing.ts';
import type { View } from '../resources/lookup.ts';
import { storePassword } from './sign-in.ts';

/** The life of users under sync; inside `tenant.transact`. */
export function lifeCycleOf(view: View): LifeCycle {
  const { tenant } = view;
  return {
    bin: (id) => {
      const user = tenant.live(id);
      if (user !== undefined) binNow(view, user);
    },
    restore: (id, userPrincipalName) => {
      // He comes back under the name that Active Directory has for him, which is known to be free.
      if (userPrincipalName !== null) tenant.update(id, { userPrincipalName });
      const user = tenant.get(id);
      if (user !== undefined) restoreNow(view, user, { autoReconcileProxyConflict: true, newUserPrincipalName: null });
    },
    setPassword: (id, password) => storePassword(tenant, id, password, false),
    changed: (id) => {
      const user = tenant.live(id);
      if (user?.type === 'user') followRules(view, user);
    },
    joinedOrLeft: (groupId, userId) => inheritLicenses(view, groupId, userId),
  };
}
