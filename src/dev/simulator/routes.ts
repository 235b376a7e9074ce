/** Every route of the simulated Graph v1.0. What is not here answers 501. */
import type { Route } from './request.ts';
import { appRoleRoutes } from './resources/app-roles.ts';
import { authenticationRoutes } from './resources/authentication-methods.ts';
import { besideUserRoutes } from './resources/beside-users.ts';
import { deletedItemRoutes } from './resources/deleted-items.ts';
import { directoryObjectRoutes } from './resources/directory-objects.ts';
import { directoryRoleRoutes } from './resources/directory-roles.ts';
import { extensionPropertyRoutes } from './resources/extension-properties.ts';
import { groupScheduleRoutes } from './resources/group-schedules.ts';
import { groupRoutes } from './resources/groups.ts';
import { invitationRoutes } from './resources/invitations.ts';
import { licenseRoutes } from './resources/license-routes.ts';
import { linkRoutes } from './resources/link-routes.ts';
import { organizationRoutes } from './resources/organization.ts';
import { photoRoutes } from './resources/photos.ts';
import { scheduleRoutes } from './resources/role-schedules.ts';
import { roleRoutes } from './resources/roles.ts';
import { schemaExtensionRoutes } from './resources/schema-extensions.ts';
import { synchronizationRoutes } from './resources/synchronization.ts';
import { unitRoutes } from './resources/units.ts';
import { userRoutes } from './resources/users.ts';

export const routes: readonly Route[] = [
  ...userRoutes,
  ...groupRoutes,
  ...unitRoutes,
  ...linkRoutes,
  ...licenseRoutes,
  ...photoRoutes,
  ...deletedItemRoutes,
  ...directoryObjectRoutes,
  ...extensionPropertyRoutes,
  ...schemaExtensionRoutes,
  ...roleRoutes,
  ...directoryRoleRoutes,
  ...scheduleRoutes,
  ...groupScheduleRoutes,
  ...appRoleRoutes,
  ...authenticationRoutes,
  ...besideUserRoutes,
  ...invitationRoutes,
  ...organizationRoutes,
  ...synchronizationRoutes,
];
