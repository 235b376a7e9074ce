/** Which extensions a snapshot asks for, so that none is left out in silence (R60). */
import type { Connector } from '../connectors/connector.ts';
import { type Extensions, extensibleKinds, isDirectoryExtension, isExtension } from '../directory/extensions.ts';
import type { DirectoryGateway } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import { isAppError } from '../errors.ts';
import type { FoldPlan } from './fold-plan.ts';
import type { Manifest, Missing } from './manifest.ts';

export interface KnownExtensions {
  readonly extensions: Extensions;
  /** That nobody told which there are. */
  readonly missing: readonly Missing[];
}

/** These spoil one source alone. */
const unread = ['unauthorized', 'forbidden', 'refused', 'unsupported', 'throttled', 'graph-unreachable'] as const;

/** What a snapshot asked for. */
export const extensionsIn = (manifest: Manifest | undefined): Extensions =>
  Object.fromEntries(
    extensibleKinds.map((kind) => {
      const { captured = [], synced = [] } = manifest?.streams[kind] ?? {};
      return [kind, captured.filter(isExtension).map((name) => ({ name, isSynced: synced.includes(name) }))];
    }),
  );

/** Directory extensions, found out, and schema extensions, as the connector names them. */
export async function extensionsNow(
  gateway: DirectoryGateway,
  { schemaExtensions }: Pick<Connector, 'schemaExtensions'>,
  parent: Manifest | undefined,
  inFull: boolean,
): Promise<KnownExtensions> {
  const found = await directoryExtensions(gateway, parent, inFull);
  const wanted = Object.fromEntries(
    extensibleKinds.map((kind) => [kind, schemaExtensions[kind].map((name) => ({ name, isSynced: false }))]),
  );
  const known = await stillKnown(gateway, wanted);
  const unknown = extensibleKinds.flatMap((kind) =>
    namesOf(wanted, kind).flatMap((name) => (namesOf(known, kind).includes(name) ? [] : [notThere(kind, name)])),
  );
  return { extensions: union(found.extensions, known), missing: [...found.missing, ...unknown] };
}

const notThere = (kind: KindName, name: string): Missing => ({
  kind: 'schemaExtensions',
  code: 'refused',
  message: `Graph knows no schema extension ${name} of ${kind}. Take it out of the connector.`,
});

const onlyDirectory = (extensions: Extensions): Extensions =>
  Object.fromEntries(
    extensibleKinds.map((kind) => [kind, (extensions[kind] ?? []).filter(({ name }) => isDirectoryExtension(name))]),
  );

/**
 * One request tells. Where Graph tells of none, which may be as wrong as right, those of the parent stay; a full reading looks for more in the
 * apps themselves, and leaves out what the directory does not know any more.
 */
async function directoryExtensions(
  gateway: DirectoryGateway,
  parent: Manifest | undefined,
  inFull: boolean,
): Promise<KnownExtensions> {
  const before = onlyDirectory(extensionsIn(parent));
  try {
    const available = await gateway.availableExtensions();
    if (available !== undefined) return { extensions: available, missing: [] };
    if (!inFull) return { extensions: before, missing: [] };
    const registered = await gateway.registeredExtensions();
    return { extensions: union(registered, await stillKnown(gateway, before)), missing: [] };
  } catch (error) {
    if (!isAppError(error, ...unread)) throw error;
    const missing = [{ kind: 'extensionProperties', code: error.code, message: error.message }];
    return { extensions: inFull ? await stillKnown(gateway, before) : before, missing };
  }
}

async function stillKnown(gateway: DirectoryGateway, before: Extensions): Promise<Extensions> {
  const known = await Promise.all(
    extensibleKinds.map(async (kind) => {
      const own = before[kind] ?? [];
      try {
        const names = await gateway.knownProperties(kind, namesOf(before, kind));
        return [kind, own.filter(({ name }) => names.includes(name))] as const;
      } catch (error) {
        // Then the kind itself will not be read either.
        if (!isAppError(error, ...unread)) throw error;
        return [kind, own] as const;
      }
    }),
  );
  return Object.fromEntries(known);
}

const union = (one: Extensions, other: Extensions): Extensions =>
  Object.fromEntries(
    extensibleKinds.map((kind) => {
      const all = [...(one[kind] ?? []), ...(other[kind] ?? [])];
      return [kind, all.filter(({ name }, index) => all.findIndex((same) => same.name === name) === index)];
    }),
  );

export const namesOf = (extensions: Extensions, kind: KindName): readonly string[] =>
  (extensions[kind] ?? []).map(({ name }) => name);

/** A fold's plan with what was asked for of its kind beside the table's properties. */
export function withAdded(plan: FoldPlan, extensions: Extensions, guarded: readonly string[]): FoldPlan {
  const own = extensions[plan.stream as KindName] ?? [];
  const synced = own.flatMap(({ name, isSynced }) => (isSynced ? [name] : []));
  return {
    ...plan,
    captured: [...plan.captured, ...own.map(({ name }) => name), ...(plan.stream === 'users' ? guarded : [])],
    ...(synced.length === 0 ? {} : { synced }),
  };
}
