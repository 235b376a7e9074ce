/** The doors onto the tenant: reset, seed, objects, native recovery, sign-in, dump. */
import { z } from 'zod';
import type { FaultScript } from '../faults.ts';
import type { OrderKeeper } from '../quota/order.ts';
import type { StatsCounter } from '../quota/stats.ts';
import { companySize, seedCompany } from '../seed/company.ts';
import type { ControlledTenant } from './controlled-tenant.ts';
import { type Door, DoorError, ok, parseBody } from './door.ts';

export interface TenantDoorParts {
  readonly tenant: ControlledTenant;
  readonly stats: StatsCounter;
  readonly order: OrderKeeper;
  readonly faults: FaultScript;
}

const seedShape = z.strictObject({
  users: z.int().min(0),
  groups: z.int().min(0).optional(),
  administrativeUnits: z.int().min(0).optional(),
  linksPerUser: z.int().min(0).optional(),
  hybridShare: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  everyKind: z.boolean().optional(),
});
const ids = z.array(z.string().min(1));
const objectShape = z.looseObject({
  '@odata.type': z.string().regex(/^#microsoft\.graph\.[A-Za-z0-9]+$/),
  members: ids.optional(),
  owners: ids.optional(),
});
const recoveryShape = z.strictObject({
  objects: z.array(z.strictObject({ id: z.string(), changes: z.looseObject({ members: ids.optional() }) })).min(1),
});
const signInShape = z.strictObject({ userPrincipalName: z.string(), password: z.string() });
const properties = z.record(z.string(), z.unknown());

/** Makes the doors over one tenant. */
export function tenantDoors({ tenant, stats, order, faults }: TenantDoorParts): readonly Door[] {
  return [
    {
      method: 'POST',
      path: '/reset',
      answer: ({ body }) => {
        parseBody(z.strictObject({}).optional(), body);
        tenant.reset();
        stats.clear();
        order.clear();
        faults.clear();
        return ok();
      },
    },
    {
      method: 'POST',
      path: '/seed',
      answer: ({ body }) => {
        const size = companySize(parseBody(seedShape, body));
        if (size.linksPerUser > size.groups) throw new DoorError(400, 'linksPerUser: more than there are groups');
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
