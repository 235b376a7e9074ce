/** `/directory/onPremisesSynchronization`: what a tenant allows its synchronization to do (graph-facts 6; L:api/onpremisesdirectorysynchronization-get, -update). */
import { badRequest, notFound, unknownProperty } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { blocks, syncFeatureNames } from '../on-premises/features.ts';
import { type Call, type GraphResponse, noContent, param, type Route } from '../request.ts';
import { fits, graphType } from '../schema/schema.ts';
import type { Settings } from '../settings.ts';
import type { Row } from '../tenant/entity.ts';
import { organizationOf } from '../tenant/organization.ts';
import { rowRoutes } from './rows.ts';

const path = '/directory/onPremisesSynchronization';

export const synchronizationRoutes: readonly Route[] = [
  ...rowRoutes(path, 'onPremisesDirectorySynchronization', path.slice(1), (call) => [describe(call)]),
  { method: 'PATCH', template: `${path}/{id}`, handle: update },
];

function describe({ tenant, settings }: Call): Row {
  const blocked = Object.entries(blocks).map(([feature, setting]) => [feature, settings[setting]]);
  return {
    id: organizationOf(tenant).id,
    configuration: { accidentalDeletionPrevention: settings.accidentalDeletionPrevention },
    features: { ...settings.syncFeatures, ...Object.fromEntries(blocked) },
  };
}

/** Only what the body names changes. The two parts lie in the settings, where a sync cycle looks them up. */
function update(call: Call): GraphResponse {
  const { tenant, settings } = call;
  if (param(call, 0) !== organizationOf(tenant).id) throw notFound(param(call, 0));
  const { features, configuration, ...others } = readBody(call);
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined) throw unknownProperty(other, 'onPremisesDirectorySynchronization');
  if (features === undefined && configuration === undefined) {
    throw badRequest('Specified HTTP request has no properties to update.');
  }
  const next: Settings = {
    ...settings,
    ...readFeatures(settings, features ?? {}),
    ...readConfiguration(settings, configuration ?? {}),
  };
  tenant.transact(() => tenant.put('settings', 'current', { ...next }));
  return noContent();
}

function readFeatures(
  settings: Settings,
  body: unknown,
): Pick<Settings, 'syncFeatures' | 'blockSoftMatch' | 'blockHardMatch'> {
  const { syncFeatures, blockSoftMatch, blockHardMatch } = settings;
  const changed = { syncFeatures: { ...syncFeatures }, blockSoftMatch, blockHardMatch };
  for (const [name, value] of entriesOf(body, 'onPremisesDirectorySynchronizationFeature')) {
    if (typeof value !== 'boolean') throw badRequest(`Invalid value specified for property '${name}'.`);
    const block = blocks[name];
    const feature = syncFeatureNames.find((known) => known === name);
    // Not in use, and updating it is not supported (L:api/resources/onpremisesdirectorysynchronizationfeature).
    if (name === 'passwordWritebackEnabled' && value) throw badRequest(`Property '${name}' cannot be updated.`);
    if (block !== undefined) changed[block] = value;
    else if (feature !== undefined) changed.syncFeatures[feature] = value;
  }
  return changed;
}

function readConfiguration(settings: Settings, body: unknown): Pick<Settings, 'accidentalDeletionPrevention'> {
  const prevention: Record<string, unknown> = { ...settings.accidentalDeletionPrevention };
  for (const [, part] of entriesOf(body, 'onPremisesDirectorySynchronizationConfiguration')) {
    for (const [name, value] of entriesOf(part, 'onPremisesAccidentalDeletionPrevention')) prevention[name] = value;
  }
  return { accidentalDeletionPrevention: prevention as Settings['accidentalDeletionPrevention'] };
}

/** The named properties of a complex value. Throws 400 for a name its type lacks, or a value of another form. */
function entriesOf(body: unknown, type: string): ReadonlyArray<readonly [string, unknown]> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest(`Invalid value specified for a property of type 'microsoft.graph.${type}'.`);
  }
  const { properties } = graphType(type);
  const entries = Object.entries(body).filter(([name]) => !name.startsWith('@odata.'));
  for (const [name, value] of entries) {
    const declared = properties.get(name);
    if (declared === undefined) throw unknownProperty(name, type);
    if (!fits(value, declared)) throw badRequest(`Invalid value specified for property '${name}'.`);
  }
  return entries;
}
