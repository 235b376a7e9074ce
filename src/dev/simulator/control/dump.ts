/** The whole tenant as JSON text: sorted, and without anything that differs between equal tenants (clock, numbers, tokens). */
import { createHash } from 'node:crypto';
import type { Settings } from '../settings.ts';
import type { Entity, Row, TableName } from '../tenant/entity.ts';
import { relations } from '../tenant/entity.ts';
import { organizationOf } from '../tenant/organization.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** Tables that are no part of the tenant, but of the simulator or the Active Directory beside it. */
const left: ReadonlySet<TableName> = new Set([
  'settings',
  'clock',
  'organization',
  'onPremisesUser',
  'onPremisesGroup',
]);

/** Kinds by name, objects by id, properties by name, links by id. */
export function dumpTenant(tenant: Tenant, settings: Settings): string {
  const kinds = new Map<string, string>();
  kinds.set('organization', canonical(organizationOf(tenant)));
  kinds.set('domain', canonical([...settings.domains].sort((one, other) => order(one.id, other.id))));
  kinds.set('subscribedSku', canonical([...settings.skus].sort((one, other) => order(one.skuId, other.skuId))));
  for (const type of tenant.types()) kinds.set(type, dumpObjects(tenant, tenant.ofType(type)));
  for (const table of tenant.tableNames()) if (!left.has(table)) kinds.set(table, dumpRows(tenant.rows(table)));
  const named = [...kinds].filter(([, text]) => text !== '[]').sort(([one], [other]) => order(one, other));
  return `{${named.map(([kind, text]) => `${JSON.stringify(kind)}:${text}`).join(',\n')}}`;
}

function dumpObjects(tenant: Tenant, entities: readonly Entity[]): string {
  const sorted = [...entities].sort((one, other) => order(one.id, other.id));
  return `[${sorted.map((entity) => dumpObject(tenant, entity)).join(',\n')}]`;
}

function dumpObject(tenant: Tenant, { id, deletedDateTime, properties }: Entity): string {
  const linked = relations.flatMap((relation): ReadonlyArray<readonly [string, readonly string[]]> => {
    const targets = [...tenant.targets(relation, id).keys()];
    return targets.length === 0 ? [] : [[relation, targets.sort(order)]];
  });
  const links = linked.length === 0 ? {} : { links: Object.fromEntries(linked) };
  return canonical({ id, ...(deletedDateTime === null ? {} : { deletedDateTime }), properties, ...links });
}

function dumpRows(rows: ReadonlyMap<string, Row>): string {
  const sorted = [...rows].sort(([one], [other]) => order(one, other));
  return `[${sorted.map(([key, row]) => canonical({ key, ...hideSecret(key, row) })).join(',\n')}]`;
}

/** A password shows as a digest: that it changed can be seen, what it is cannot. */
function hideSecret(key: string, { password, ...row }: Row): Row {
  return typeof password === 'string'
    ? { ...row, digest: createHash('sha256').update(`${key}:${password}`).digest('base64') }
    : { ...row, ...(password === undefined ? {} : { password }) };
}

/** JSON with the names of every object sorted. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => order(one, other)))
      : inner,
  );
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
