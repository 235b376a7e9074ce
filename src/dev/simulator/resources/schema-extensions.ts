/**
 * Schema extensions: an object of named members that an app adds to a type (L:api/resources/schemaextension). Every tenant's are in one list;
 * here there is one tenant. A definition that goes hides the values.
 */
import { badRequest, invalidValue, missingValue, notFound } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import type { Row } from '../tenant/entity.ts';
import { dataTypes } from './extension-types.ts';
import { rowRoutes } from './rows.ts';

const path = '/schemaExtensions';
const targets = [
  'User',
  'Group',
  'AdministrativeUnit',
  'Device',
  'Organization',
  'Contact',
  'Event',
  'Message',
  'Post',
];

export const schemaExtensionRoutes: readonly Route[] = [
  ...rowRoutes(path, 'schemaExtension', 'schemaExtensions', (call) => [
    ...call.tenant.rows('schemaExtension').values(),
  ]),
  { method: 'POST', template: path, handle: define },
  {
    method: 'DELETE',
    template: `${path}/{id}`,
    handle: (call) => {
      const id = param(call, 0);
      if (call.tenant.row('schemaExtension', id) === undefined) throw notFound(id);
      call.tenant.transact(() => call.tenant.remove('schemaExtension', id));
      return noContent();
    },
  },
];

/** The id is given whole only with a verified domain before the underscore; otherwise Graph puts `ext` and eight signs there. */
function define(call: Call): GraphResponse {
  const { id, description = null, targetTypes, properties, owner = '', ...others } = readBody(call);
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of resource 'SchemaExtension'.`);
  if (typeof id !== 'string' || !/^[A-Za-z]\w*$/.test(id)) throw missingValue('id', 'SchemaExtension');
  if (!Array.isArray(targetTypes) || !targetTypes.every((type) => targets.includes(String(type))))
    throw invalidValue('targetTypes', 'SchemaExtension');
  const isMember = ({ name, type }: Row): boolean => typeof name === 'string' && dataTypes[String(type)] !== undefined;
  if (!Array.isArray(properties) || !properties.every(isMember)) throw invalidValue('properties', 'SchemaExtension');
  const known = call.settings.domains.some((domain) => id.startsWith(`${domain.id.split('.')[0]}_`));
  const full = known ? id : `extk${String(call.tenant.number).padStart(7, '0').slice(-7)}_${id}`;
  const row: Row = { id: full, description, owner, properties, status: 'InDevelopment', targetTypes };
  call.tenant.transact(() => call.tenant.put('schemaExtension', full, row));
  return json({ '@odata.context': contextUrl('schemaExtensions/$entity'), ...row }, 201);
}
