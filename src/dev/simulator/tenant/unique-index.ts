/** Who holds a value that must be unique, and how many live users hold each SKU. Kept in step by the tenant's primitives. */
import type { Entity } from './entity.ts';

/** Properties whose values no two objects may share. Proxy addresses of binned objects are free for others (graph-facts 5). */
export type UniqueProperty =
  | 'userPrincipalName'
  | 'proxyAddresses'
  | 'onPremisesImmutableId'
  | 'mailNickname'
  | 'uniqueName';

export class UniqueIndex {
  readonly #holders = new Map<string, Set<string>>();
  readonly #seats = new Map<string, number>();
  readonly #binned = new Map<string, Entity>();
  readonly #dynamic = new Map<string, Entity>();

  /** Live groups and units whose members follow a rule. */
  dynamicGroups(): Iterable<Entity> {
    return this.#dynamic.values();
  }

  /** Objects in the bin. */
  binned(): Iterable<Entity> {
    return this.#binned.values();
  }

  /** Ids of the objects that hold the value, compared without case (the anchor with it). */
  holders(property: UniqueProperty, value: string): ReadonlySet<string> {
    return this.#holders.get(keyOf(property, value)) ?? new Set();
  }

  /** Live users holding the SKU, directly or through a group. */
  seats(skuId: string): number {
    return this.#seats.get(skuId) ?? 0;
  }

  add(entity: Entity): void {
    if (entity.deletedDateTime !== null) this.#binned.set(entity.id, entity);
    else if (isDynamic(entity)) this.#dynamic.set(entity.id, entity);
    for (const key of keysOf(entity)) {
      const holders = this.#holders.get(key);
      if (holders === undefined) this.#holders.set(key, new Set([entity.id]));
      else holders.add(entity.id);
    }
    for (const sku of skusOf(entity)) this.#seats.set(sku, (this.#seats.get(sku) ?? 0) + 1);
  }

  remove(entity: Entity): void {
    this.#binned.delete(entity.id);
    if (entity.type === 'group' || entity.type === 'administrativeUnit') this.#dynamic.delete(entity.id);
    for (const key of keysOf(entity)) {
      const holders = this.#holders.get(key);
      holders?.delete(entity.id);
      if (holders?.size === 0) this.#holders.delete(key);
    }
    for (const sku of skusOf(entity)) this.#seats.set(sku, (this.#seats.get(sku) ?? 0) - 1);
  }
}

function isDynamic({ type, properties: { groupTypes, membershipType } }: Entity): boolean {
  if (type === 'administrativeUnit') return String(membershipType).toLowerCase() === 'dynamic';
  return type === 'group' && Array.isArray(groupTypes) && groupTypes.includes('DynamicMembership');
}

function keyOf(property: UniqueProperty, value: string): string {
  return `${property} ${property === 'onPremisesImmutableId' ? value : value.toLowerCase()}`;
}

function keysOf(entity: Entity): readonly string[] {
  const { properties } = entity;
  const keys: string[] = [];
  const add = (property: UniqueProperty, value: unknown): void => {
    if (typeof value === 'string' && value !== '') keys.push(keyOf(property, value));
  };
  add('userPrincipalName', properties.userPrincipalName);
  add('onPremisesImmutableId', properties.onPremisesImmutableId);
  add('uniqueName', properties.uniqueName);
  if (entity.deletedDateTime === null) {
    if (entity.type === 'group' && properties.mailEnabled === true) add('mailNickname', properties.mailNickname);
    const proxies = properties.proxyAddresses;
    if (Array.isArray(proxies)) for (const proxy of new Set(proxies)) add('proxyAddresses', proxy);
  }
  return keys;
}

function skusOf(entity: Entity): ReadonlySet<string> {
  const states = entity.properties.licenseAssignmentStates;
  if (entity.type !== 'user' || entity.deletedDateTime !== null || !Array.isArray(states)) return new Set();
  return new Set(states.filter((state) => state.state === 'Active').map((state) => String(state.skuId)));
}
