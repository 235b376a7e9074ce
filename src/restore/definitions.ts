/** Kinds with those extensions that a snapshot asked for and the directory still has; values of the others can be given back to nobody (R30). */
import { extended, isExtension } from '../directory/extensions.ts';
import type { DirectoryGateway } from '../directory/gateway.ts';
import { guardedProperties, withGuarded } from '../directory/guarded-properties.ts';
import { type Kind, type KindName, kindOf } from '../directory/kinds.ts';
import { isAppError } from '../errors.ts';
import type { SnapshotReader } from '../snapshot/store.ts';
import { untold } from './refusals.ts';

type Asking = Pick<DirectoryGateway, 'knownProperties'>;

/** Asked of Graph once a kind, and only where the snapshot has extensions of it. */
export function definitions(
  { manifest }: Pick<SnapshotReader, 'manifest'>,
  gateway: Asking,
): (kind: KindName) => Promise<Kind> {
  const known = new Map<KindName, Kind>();
  return async (name) => {
    const { captured = [], synced = [] } = manifest.streams[name] ?? {};
    const added = captured.filter(isExtension);
    const found = known.get(name);
    if (found !== undefined) return found;
    let kind = await withKnown(kindOf(name), added, synced, gateway);
    for (const guarded of guardedProperties.filter((one) => captured.includes(one)))
      kind = withGuarded(kind, guarded, await mayRead(gateway, name, guarded));
    known.set(name, kind);
    return kind;
  };
}

async function withKnown(
  kind: Kind,
  added: readonly string[],
  synced: readonly string[],
  gateway: Asking,
): Promise<Kind> {
  const there = await gateway.knownProperties(kind.name, added).catch((error: unknown) => {
    // Nobody says that they are gone; the reads that follow come upon the same, and know what it means for each object.
    untold(error);
    return added;
  });
  return extended(
    kind,
    there.map((name) => ({ name, isSynced: synced.includes(name) })),
  );
}

const mayRead = (gateway: Asking, kind: KindName, property: string): Promise<boolean> =>
  gateway.knownProperties(kind, [property]).then(
    () => true,
    (error: unknown) => {
      untold(error);
      return isAppError(error, 'throttled', 'graph-unreachable');
    },
  );
