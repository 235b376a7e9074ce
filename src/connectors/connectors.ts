/**
 * The connectors of a deployment: its own tenant's, described by the settings, and those that were put. What keeps tenants apart is
 * decided here: an id belongs to one tenant for ever, since snapshots lie under it.
 */
import { AppError } from '../errors.ts';
import { type Connector, type ConnectorChange, defaultAlerts, noSchemaExtensions } from './connector.ts';
import type { ConnectorStore } from './connector-store.ts';

export interface Connectors {
  /** @throws AppError `not-found`. */
  get(id: string): Promise<Connector>;
  /** By id; the deployment's own first. */
  list(): Promise<readonly Connector[]>;
  /**
   * Makes or replaces one; says whether it is new.
   * @throws AppError `conflict` when the id belongs to another tenant, or the settings say otherwise; `invalid-input` for a new one without a tenant.
   */
  put(id: string, input: ConnectorChange): Promise<{ readonly connector: Connector; readonly isNew: boolean }>;
  /** Snapshots stay in storage. @throws AppError `not-found`; `conflict` for the deployment's own. */
  remove(id: string): Promise<void>;
}

/** @param own the deployment's connector as its settings describe it. */
export function createConnectors(store: ConnectorStore, own: Connector, now: () => Date): Connectors {
  const current = async (id: string): Promise<Connector | undefined> => {
    const stored = await store.get(id);
    if (id === own.id) return { ...own, ...chosenOf(stored?.connector) };
    return stored?.removedDateTime === undefined && stored !== undefined ? whole(stored.connector) : undefined;
  };
  const get = async (id: string): Promise<Connector> => {
    const found = await current(id);
    if (found !== undefined) return found;
    throw new AppError('not-found', 'There is no such connector. List the connectors to see which there are.');
  };
  return {
    get,

    async list() {
      const stored = (await store.list()).filter(({ removedDateTime }) => removedDateTime === undefined);
      const others = stored.map(({ connector }) => whole(connector)).filter(({ id }) => id !== own.id);
      return [await get(own.id), ...others];
    },

    async put(id, input) {
      const stored = await store.get(id);
      const known = id === own.id ? own.tenantId : stored?.connector.tenantId;
      const { tenantId = known, cloud = id === own.id ? own.cloud : 'global' } = input;
      if (tenantId === undefined)
        throw new AppError('invalid-input', 'A new connector needs the id of its tenant, a GUID, in "tenantId".');
      if (known !== undefined && known.toLowerCase() !== tenantId.toLowerCase()) throw otherTenant(id);
      if (id === own.id) refuseOtherSettings(own, { ...input, cloud });
      const before = await current(id);
      const connector: Connector = {
        ...input,
        tenantId,
        cloud,
        id,
        displayName: input.displayName ?? before?.displayName ?? id,
        createdDateTime: before?.createdDateTime ?? now().toISOString(),
      };
      await store.put({ connector });
      return { connector: await get(id), isNew: before === undefined };
    },

    async remove(id) {
      if (id === own.id)
        throw new AppError('conflict', `The connector ${id} is the deployment's own. It goes with the deployment.`);
      await store.put({ connector: await get(id), removedDateTime: now().toISOString() });
    },
  };
}

/** One stored before there were some of these has the usual ones. */
const whole = (stored: Connector): Connector => ({
  ...stored,
  alerts: stored.alerts ?? defaultAlerts,
  inclusions: stored.inclusions ?? [],
  schemaExtensions: stored.schemaExtensions ?? noSchemaExtensions,
});

/** What a caller may choose of the deployment's own connector; the rest is what the settings say. */
function chosenOf(connector: Connector | undefined): Partial<Connector> {
  if (connector === undefined) return {};
  const { displayName, retention, kinds, exclusions, inclusions, schemaExtensions, alerts } = whole(connector);
  return { displayName, retention, kinds, exclusions, inclusions, schemaExtensions, alerts };
}

function refuseOtherSettings(own: Connector, input: ConnectorChange): void {
  const wrong = [
    ...(input.cloud === own.cloud ? [] : ['cloud']),
    ...(input.schedule === null || input.schedule === own.schedule ? [] : ['schedule']),
    ...(input.credential.kind === 'deployment' ? [] : ['credential']),
  ];
  if (wrong.length === 0) return;
  const message = `The deployment's settings say ${wrong.join(' and ')} of its own connector. Change them there.`;
  throw new AppError('conflict', message, { details: { fields: wrong } });
}

const otherTenant = (id: string) =>
  new AppError(
    'conflict',
    `The connector ${id} holds snapshots of another tenant, and one tenant never reads another's. Choose another id.`,
  );
