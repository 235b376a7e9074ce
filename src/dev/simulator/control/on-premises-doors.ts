/** The doors to the Active Directory beside the tenant, and the one that runs a sync cycle. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ActiveDirectory } from '../on-premises/active-directory.ts';
import { objectIdentifier } from '../on-premises/matching.ts';
import { runSyncCycle } from '../on-premises/sync.ts';
import type { Settings } from '../settings.ts';
import type { ControlledTenant } from './controlled-tenant.ts';
import { type Door, DoorError, ok, parseBody } from './door.ts';

export interface OnPremisesParts {
  readonly tenant: ControlledTenant;
  readonly directory: ActiveDirectory;
  readonly settings: () => Settings;
  /** The tenant's time, ISO 8601. */
  readonly now: () => string;
  /** Whether users have a property of this name; the doors refuse the others. */
  readonly isUserProperty: (name: string) => boolean;
  /** Runs a change of directory and tenant as a whole, on disk before it returns. */
  readonly write: <T>(change: () => T) => T;
}

const anchor = z.base64().min(4);
const userShape = z.looseObject({
  anchor: anchor.optional(),
  userPrincipalName: z.string().regex(/^[^@]+@[^@]+$/),
  displayName: z.string().min(1),
  managerAnchor: anchor.nullable().optional(),
});
const userPatchShape = z.looseObject({
  anchor: z.undefined().optional(),
  userPrincipalName: z
    .string()
    .regex(/^[^@]+@[^@]+$/)
    .optional(),
  displayName: z.string().min(1).optional(),
  managerAnchor: anchor.nullable().optional(),
});
const groupShape = z.strictObject({
  anchor: anchor.optional(),
  displayName: z.string().min(1),
  members: z.array(anchor).optional(),
});

/** Makes the doors over one directory and one tenant. */
export function onPremisesDoors(parts: OnPremisesParts): readonly Door[] {
  const { directory, write } = parts;
  const known = (properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
    const unknown = Object.keys(properties).find((name) => !parts.isUserProperty(name) && name !== objectIdentifier);
    if (unknown !== undefined) throw new DoorError(400, `body: unknown field ${unknown}`);
    return properties;
  };
  const requireAnchors = (anchors: readonly string[]): void => {
    const missing = anchors.find((one) => directory.account(one) === null);
    if (missing !== undefined) throw new DoorError(404, `There is no account with the anchor ${missing}.`);
  };
  return [
    {
      method: 'POST',
      path: '/on-premises/users',
      answer: ({ body }) => {
        const { anchor: given, managerAnchor, ...properties } = parseBody(userShape, body);
        const chosen = given ?? newAnchor();
        if (directory.account(chosen) !== null) throw new DoorError(409, 'That anchor is taken.');
        if (typeof managerAnchor === 'string') requireAnchors([managerAnchor]);
        const account = { anchor: chosen, properties: known(properties) };
        write(() => directory.putAccount(managerAnchor === undefined ? account : { ...account, managerAnchor }));
        return { status: 201, body: { anchor: chosen } };
      },
    },
    {
      method: 'PATCH',
      path: '/on-premises/users/**',
      answer: ({ parameter, body }) => {
        const { managerAnchor, ...properties } = parseBody(userPatchShape, body);
        requireAnchors([parameter, ...(typeof managerAnchor === 'string' ? [managerAnchor] : [])]);
        const account = directory.account(parameter);
        const patched = { anchor: parameter, ...account, properties: { ...account?.properties, ...known(properties) } };
        write(() => directory.putAccount(managerAnchor === undefined ? patched : { ...patched, managerAnchor }));
        return ok();
      },
    },
    {
      method: 'DELETE',
      path: '/on-premises/users/**',
      answer: ({ parameter }) => {
        requireAnchors([parameter]);
        write(() => directory.deleteAccount(parameter));
        return ok();
      },
    },
    {
      method: 'POST',
      path: '/on-premises/groups',
      answer: ({ body }) => {
        const { anchor: given, displayName, members = [] } = parseBody(groupShape, body);
        requireAnchors(members);
        const chosen = given ?? newAnchor();
        const connectedId = [...directory.groups()].find((group) => group.anchor === chosen)?.connectedId;
        const group = { anchor: chosen, displayName, members };
        write(() => directory.putGroup(connectedId === undefined ? group : { ...group, connectedId }));
        return { status: 201, body: { anchor: chosen } };
      },
    },
    {
      method: 'POST',
      path: '/on-premises/sync',
      answer: ({ body }) => {
        parseBody(z.strictObject({}).optional(), body);
        const { blockSoftMatch, blockHardMatch, syncFeatures: features, domains } = parts.settings();
        const rules = { blockSoftMatch, blockHardMatch, features, domains: domains.map((domain) => domain.id) };
        return ok(write(() => runSyncCycle(directory, parts.tenant.syncTarget(), rules, parts.now())));
      },
    },
  ];
}

function newAnchor(): string {
  return randomBytes(16).toString('base64');
}
