/** Which directory extensions a tenant has (L:api/directoryobject-getavailableextensionproperties, 2025-09-09; application-list-extensionproperty). */
import { type Extension, type Extensions, extensible, extensibleKinds } from '../directory/extensions.ts';
import { type KindName, kindOf } from '../directory/kinds.ts';
import type { JsonObject } from '../directory/record.ts';
import { type Call, isOk, read } from './call.ts';
import type { Transport } from './client.ts';
import type { GraphLimits } from './config.ts';
import { errorOf } from './errors.ts';
import { collect } from './finding.ts';
import type { Lane } from './lane.ts';
import { entitiesOf } from './listing.ts';
import { sendPersistently } from './persistence.ts';

const ask: Call = {
  method: 'POST',
  path: '/directoryObjects/getAvailableExtensionProperties',
  route: '/directoryObjects/getAvailableExtensionProperties',
  body: {},
  repeatable: true,
};

/** Of every app in the tenant, other tenants' apps included; undefined where Graph tells of none, as it does in each tenant of over 1,000 service principals. */
export async function availableExtensions(transport: Transport, limits: GraphLimits): Promise<Extensions | undefined> {
  const answer = await sendPersistently(transport, ask, limits);
  if (!isOk(answer)) throw errorOf(ask, answer);
  const definitions = entitiesOf(answer.body);
  return definitions.length === 0 ? undefined : byKind(definitions);
}

const $select = ['name', 'targetObjects', 'isSyncedFromOnPremises'];
/** `$expand` shows no more of one object (graph-facts 3.1). */
const mostExpanded = 20;

/** Of the apps that are registered in the tenant itself. */
export async function registeredExtensions(lane: Lane, transport: Transport): Promise<Extensions> {
  const $expand = `extensionProperties($select=${$select.join(',')})`;
  const apps = await collect(lane, transport, read('/applications', [], { $select: ['id'], $expand, $top: 999 }));
  const found = await Promise.all(
    (apps ?? []).map(async ({ id, extensionProperties }) => {
      const shown = Array.isArray(extensionProperties) ? (extensionProperties as readonly JsonObject[]) : [];
      if (shown.length < mostExpanded) return shown;
      return (
        (await collect(lane, transport, read('/applications/{id}/extensionProperties', [String(id)], { $select }))) ??
        shown
      );
    }),
  );
  return byKind(found.flat());
}

function byKind(definitions: readonly JsonObject[]): Extensions {
  const of = (target: string): Extension[] =>
    definitions
      .filter(({ targetObjects }) => Array.isArray(targetObjects) && targetObjects.includes(target))
      .map(({ name, isSyncedFromOnPremises }) => ({ name: String(name), isSynced: isSyncedFromOnPremises === true }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  return Object.fromEntries(extensibleKinds.map((kind) => [kind, of(extensible[kind])]));
}

/** Of these names, those that Graph still takes: asked all at once, and one by one where it takes not all of them. */
export async function knownProperties(
  lane: Lane,
  kind: KindName,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const call = read(kindOf(kind).collection, [], { $select: ['id', ...names], $top: 1 });
  const answer = await lane.submit(call);
  if (isOk(answer)) return names;
  if (answer.status !== 400) throw errorOf(call, answer);
  if (names.length === 1) return [];
  return (await Promise.all(names.map((name) => knownProperties(lane, kind, [name])))).flat();
}
