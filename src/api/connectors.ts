/** Connectors: how a tenant is reached. A deployment has one, described by its settings; secrets are never part of the answer. */
import type { Config } from '../app/config.ts';
import { kindNames } from '../directory/kinds.ts';
import { AppError } from '../errors.ts';
import { type Handle, json } from './handling.ts';
import { pathPart } from './input.ts';

const connectorOf = (config: Config, id: string) => ({
  id,
  displayName: id,
  tenantId: config.tenantId,
  cloud: config.cloud,
  schedule: config.schedule,
  retention: null,
  kinds: kindNames,
  exclusions: [],
  credential: config.credential.kind,
});

export const listConnectors =
  (config: Config, id: string): Handle =>
  async () =>
    json({ value: [connectorOf(config, id)] });

export const getConnector =
  (config: Config, id: string): Handle =>
  async (request) => {
    if (pathPart(request, 'connectorId') !== id)
      throw new AppError('not-found', `There is no such connector. This deployment has one: ${id}.`);
    return json(connectorOf(config, id));
  };

export const refuseConnectorChange: Handle = async () => {
  throw new AppError(
    'unsupported',
    "This version's connector is described by the app's settings. Change them in the deployment.",
  );
};
