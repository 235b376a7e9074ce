/**
 * Directory extensions: properties that an application adds to a type (L:api/resources/extensionproperty). Their values stand among the other
 * properties of an object; a definition that goes hides them, and the same one made again shows them again (L:extensibility-overview).
 */
import { badRequest, invalidValue, missingValue, notFound } from '../errors.ts';
import { allowOptions, readBody, readSelect } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import type { Entity, Row } from '../tenant/entity.ts';
import { type Expanders, newId } from './bodies.ts';
import { dataTypes, definitions } from './extension-types.ts';
import { findLive, findReadable, type View } from './lookup.ts';
import { checkSelect } from './render.ts';

const targets = ['User', 'Group', 'AdministrativeUnit', 'Application', 'Device', 'Organization'];
/** Of a tenant with more, `getAvailableExtensionProperties` tells nothing: a known issue (L:api/directoryobject-getavailableextensionproperties). */
const mostServicePrincipals = 1_000;
const mostExpanded = 20;

const ofApplication = (view: View, application: Entity): readonly Row[] =>
  definitions(view).filter(({ application: id }) => id === application.id);

/** As Graph shows a definition. */
const shown = ({ application: _, ...row }: Row): Row => row;

export const applicationExpanders: Expanders = {
  extensionProperties: (call, entity, { select }) =>
    ofApplication(call, entity)
      .slice(0, mostExpanded)
      .map(shown)
      .map((row) =>
        select === null ? row : Object.fromEntries(['id', ...select].map((name) => [name, row[name] ?? null])),
      ),
};

const path = '/applications/{id}/extensionProperties';

export const extensionPropertyRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: path,
    handle: (call) => list(call, ofApplication(call, findReadable(call, 'application', param(call, 0)))),
  },
  { method: 'POST', template: path, handle: define },
  {
    method: 'DELETE',
    template: `${path}/{id}`,
    handle: (call) => {
      const application = findLive(call, 'application', param(call, 0));
      const row = ofApplication(call, application).find(({ id }) => id === param(call, 1));
      if (row === undefined) throw notFound(param(call, 1));
      if (row.isSyncedFromOnPremises === true)
        throw badRequest('An extension that is synced from on-premises cannot be deleted.');
      call.tenant.transact(() => call.tenant.remove('extensionProperty', String(row.id)));
      return noContent();
    },
  },
  {
    method: 'POST',
    template: '/directoryObjects/getAvailableExtensionProperties',
    handle: (call) => {
      const { isSyncedFromOnPremises: isSynced } = readBody(call);
      const isTold = call.tenant.ofType('servicePrincipal').length <= mostServicePrincipals;
      const rows = definitions(call).filter((row) => isSynced === undefined || row.isSyncedFromOnPremises === isSynced);
      const value = isTold
        ? rows.map((row) => ({ '@odata.type': '#microsoft.graph.extensionProperty', ...shown(row) }))
        : [];
      return json({ '@odata.context': contextUrl('Collection(extensionProperty)'), value });
    },
  },
];

function list(call: Call, rows: readonly Row[]): GraphResponse {
  allowOptions(call, ['$select']);
  const select = readSelect(call);
  if (select !== null) checkSelect('extensionProperty', select);
  const value = rows
    .map(shown)
    .map((row) => (select === null ? row : Object.fromEntries(select.map((name) => [name, row[name] ?? null]))));
  return json({ '@odata.context': contextUrl(`applications('${param(call, 0)}')/extensionProperties`), value });
}

/** `isSyncedFromOnPremises` is read-only; only Entra Connect makes such ones, here the administrator beside the product. */
function define(call: Call): GraphResponse {
  const application = findLive(call, 'application', param(call, 0));
  const {
    name,
    dataType,
    targetObjects,
    isMultiValued = false,
    isSyncedFromOnPremises = false,
    ...others
  } = readBody(call);
  const [other] = Object.keys(others).filter((one) => !one.startsWith('@odata.'));
  if (other !== undefined || (isSyncedFromOnPremises === true && call.caller === 'app'))
    throw badRequest(`Invalid property '${other ?? 'isSyncedFromOnPremises'}' of resource 'ExtensionProperty'.`);
  for (const [property, value] of Object.entries({ name, dataType, targetObjects }))
    if (value === undefined || value === null) throw missingValue(property, 'ExtensionProperty');
  const isTarget = (target: unknown): boolean => targets.some((known) => known === target);
  if (typeof name !== 'string' || !/^[A-Za-z]\w*$/.test(name)) throw invalidValue('name', 'ExtensionProperty');
  if (dataTypes[String(dataType)] === undefined) throw invalidValue('dataType', 'ExtensionProperty');
  if (!Array.isArray(targetObjects) || !targetObjects.every(isTarget))
    throw invalidValue('targetObjects', 'ExtensionProperty');
  const full = `extension_${String(application.properties.appId ?? application.id).replaceAll('-', '')}_${name}`;
  if (definitions(call).some((row) => row.name === full))
    throw badRequest(`An extension property exists with the name ${full}.`);
  const row: Row = {
    id: newId(),
    deletedDateTime: null,
    appDisplayName: application.properties.displayName ?? null,
    dataType,
    isMultiValued,
    isSyncedFromOnPremises,
    name: full,
    targetObjects,
    application: application.id,
  };
  call.tenant.transact(() => call.tenant.put('extensionProperty', String(row.id), row));
  const context = contextUrl(`applications('${application.id}')/extensionProperties/$entity`);
  return json({ '@odata.context': context, ...shown(row) }, 201);
}
