/**
 * What the app itself may do. Its permissions are the app roles of Graph that its service principal was assigned
 * (L:api/serviceprincipal-list-approleassignments: 2 RU, 1 with `$select`); its directory roles are among what that is a member of, nested
 * groups included (L:api/serviceprincipal-list-transitivememberof). Both take Directory.Read.All. Roles scoped to a unit stand among the assignments alone.
 */
import type { Need, OwnRole } from '../directory/gateway.ts';
import { read } from './call.ts';
import type { Transport } from './client.ts';
import { collect, okBody, roleAssignmentsOf } from './finding.ts';
import { lackingOfAll } from './lacking.ts';
import type { Lane } from './lane.ts';

/** Of Microsoft Graph in every tenant and cloud. */
const graphAppId = '00000003-0000-0000-c000-000000000000';

export interface OwnRights {
  /** Undefined: the tenant does not know this app. */
  lacking(needs: readonly Need[]): Promise<readonly (readonly string[])[] | undefined>;
  roles(): Promise<readonly OwnRole[]>;
}

/** @param clientId of the app whose token is sent. */
export function createOwnRights(lane: Lane, transport: Transport, clientId: string): OwnRights {
  let names: Promise<ReadonlyMap<string, string>> | undefined;
  /** App role id -> permission; asked once, since Graph only ever adds to them. */
  const permissionNames = (): Promise<ReadonlyMap<string, string>> => {
    names ??= readNames(lane);
    names.catch(() => {
      names = undefined;
    });
    return names;
  };
  return {
    async lacking(needs) {
      const [known, granted] = await Promise.all([permissionNames(), grantedTo(lane, transport, clientId)]);
      if (granted === undefined) return undefined;
      const held = new Set(granted.flatMap((id) => known.get(id) ?? []));
      return lackingOfAll(needs, held);
    },
    async roles() {
      const call = read("/servicePrincipals(appId='{id}')", [clientId], { $select: 'id' });
      const id = String(okBody(call, await lane.submit(call)).id);
      const [memberships, assigned] = await Promise.all([
        collect(lane, transport, read('/servicePrincipals/{id}/transitiveMemberOf', [id])),
        roleAssignmentsOf(lane, transport, id, 'active', false),
      ]);
      const tenantWide = (memberships ?? []).flatMap(({ roleTemplateId }): OwnRole[] =>
        typeof roleTemplateId === 'string' ? [{ roleDefinitionId: roleTemplateId, directoryScopeId: '/' }] : [],
      );
      return [...tenantWide, ...assigned];
    },
  };
}

async function readNames(lane: Lane): Promise<ReadonlyMap<string, string>> {
  const call = read("/servicePrincipals(appId='{id}')", [graphAppId], { $select: ['id', 'appRoles'] });
  const { appRoles } = okBody(call, await lane.submit(call));
  const roles = (Array.isArray(appRoles) ? appRoles : []) as { readonly id?: unknown; readonly value?: unknown }[];
  return new Map(roles.map(({ id, value }) => [String(id), String(value)]));
}

async function grantedTo(lane: Lane, transport: Transport, clientId: string): Promise<readonly string[] | undefined> {
  const call = read("/servicePrincipals(appId='{id}')/appRoleAssignments", [clientId], { $select: 'id,appRoleId' });
  return (await collect(lane, transport, call))?.map(({ appRoleId }) => String(appRoleId));
}
