/** The doors onto the tenant: reset, seed, objects, native recovery, sign-in, dump. */
import { z } from 'zod';
import { companySize, seedCompany } from '../seed/company.ts';
import type { ControlledTenant } from './controlled-tenant.ts';
import { type Door, DoorError, ok, parseBody } from './door.ts';

export interface TenantDoorParts {
  readonly tenant: ControlledTenant;
  /** Settings, faults, stats, on-premises directory and clock, back to the start; run by `/reset` only. */
  readonly resetAll: () => void;
  /** A seeded tenant has no Active Directory but the one its seed fills. */
  readonly resetDirectory: () => void;
}

const seedShape = z.strictObject({
  users: z.int().min(0),
  groups: z.int().min(0).optional(),
  administrativeUnits: z.int().min(0).optional(),
  linksPerUser: z.int().min(0).optional(),
  hybridShare: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
});
const ids = z.array(z.string().min(1));
const objectShape = z.looseObject({
  '@odata.type': z.string().regex(/^#microsoft\.graph\.[A-Za-z]+$/),
  members: ids.optional(),
  owners: ids.optional(),
});
const recoveryShape = z.strictObject({
  objects: z.array(z.strictObject({ id: z.string(), changes: z.looseObject({ members: ids.optional() }) })).min(1),
});
const signInShape = z.strictObject({ userPrincipalName: z.string(), password: z.string() });
const properties = z.record(z.string(), z.unknown());

/** Makes the doors over one tenant. */
export function tenantDoors({ tenant, resetAll, resetDirectory }: TenantDoorParts): readonly Door[] {
  return [
    {
      method: 'POST',
      path: '/reset',
      answer: ({ body }) => {
        parseBody(z.strictObject({}).optional(), body);
        resetAll();
        tenant.reset();
        return ok();
      },
    },
    {
      method: 'POST',
      path: '/seed',
      answer: ({ body }) => {
        const size = companySize(parseBody(seedShape, body));
        if (size.linksPerUser > size.groups) throw new DoorError(400, 'linksPerUser: more than there are groups');
        resetDirectory();
        tenant.seed((sink) => seedCompany(sink, size));
        return ok(size);
      },
    },
    {
      method: 'POST',
      path: '/objects',
      answer: ({ body }) => {
        const { '@odata.type': type, members = [], owners = [], ...rest } = parseBody(objectShape, body);
        return {
          status: 201,
          body: { id: tenant.create(type.replace('#microsoft.graph.', ''), rest, members, owners) },
        };
      },
    },
    {
      method: 'PATCH',
      path: '/objects/*',
      answer: ({ parameter, body }) => {
        tenant.patch(parameter, parseBody(properties, body));
        return ok();
      },
    },
    {
      method: 'DELETE',
      path: '/objects/*',
      answer: ({ parameter }) => {
        tenant.destroy(parameter);
        return ok();
      },
    },
    {
      method: 'POST',
      path: '/native-recovery',
      answer: ({ body }) => {
        for (const { id, changes } of parseBody(recoveryShape, body).objects) {
          const { members = null, ...rest } = changes;
          tenant.recover(id, rest, members);
        }
        return ok();
      },
    },
    {
      method: 'POST',
      path: '/sign-in',
      answer: ({ body }) => {
        const { userPrincipalName, password } = parseBody(signInShape, body);
        return ok(tenant.signIn(userPrincipalName, password));
      },
    },
    { method: 'GET', path: '/dump', answer: () => ok(tenant.dump()) },
  ];
}
