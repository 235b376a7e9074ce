/**
 * Whether an answer of the simulator is one that Graph could give: exactly the properties and types of the schema, well-formed annotations,
 * error bodies as documented. Built from the table of types by a schema library, not by the code that renders answers: only so can it
 * disagree with that code.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

interface Declared {
  readonly kind: 'entity' | 'complex' | 'enum';
  readonly base?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly navigation?: readonly string[];
  readonly members?: readonly string[];
}

const table = new URL('../../src/dev/simulator/schema/graph-types.json', import.meta.url);
const { types } = JSON.parse(readFileSync(table, 'utf8')) as { types: Readonly<Record<string, Declared>> };

const instant = z.iso.datetime({ offset: true });
const number = z.number();
const edm: Readonly<Record<string, z.ZodType>> = {
  'Edm.String': z.string(),
  'Edm.Binary': z.string(),
  'Edm.Stream': z.string(),
  'Edm.Boolean': z.boolean(),
  'Edm.Guid': z.guid(),
  'Edm.DateTimeOffset': instant,
  'Edm.Date': z.iso.date(),
  'Edm.TimeOfDay': z.string(),
  'Edm.Duration': z.iso.duration(),
  'Edm.Int16': number.int(),
  'Edm.Int32': number.int(),
  'Edm.Int64': number.int(),
  'Edm.Byte': number.int(),
  'Edm.Double': number,
  'Edm.Single': number,
  'Edm.Decimal': number,
};

/** Complex types that take properties the schema does not name. */
const openTypes: readonly string[] = ['customSecurityAttributeValue', 'identity', 'identitySet'];

const built = new Map<string, z.ZodType>();

/** A type's own form, `String[]!` as the table writes it. */
function formOf(form: string): z.ZodType {
  const [, name = '', many, always] = /^([^[!]+)(\[\])?(!)?$/.exec(form) ?? [];
  const one = edm[name] ?? z.lazy(() => typeOf(name));
  if (many !== undefined) return z.array(one);
  return always === undefined ? one.nullable() : one;
}

function chain(name: string): readonly Declared[] {
  const type = types[name];
  if (type === undefined) return [];
  return [...(type.base === undefined ? [] : chain(type.base)), type];
}

/** Types to which directory and schema extensions add properties of any kind. */
const extended: readonly string[] = ['user', 'group', 'administrativeUnit', 'directoryObject'];
const extension = /^(extension_[0-9a-f]{32}|extk\d{7}|contoso)_\w+$/;

/** Annotations of an object, and of its properties and links. */
const annotation = /^(@odata\.\w+|@removed|\w+@odata\.\w+|\w+@delta)$/;

function typeOf(name: string): z.ZodType {
  const known = built.get(name);
  if (known !== undefined) return known;
  const type = types[name];
  // A complex or enum type that the table does not follow, or one that takes any property: nothing is known of it.
  if (type === undefined || openTypes.includes(name)) return z.unknown();
  const schema = type.kind === 'enum' ? z.enum(type.members as [string, ...string[]]) : objectOf(name);
  built.set(name, schema);
  return schema;
}

function objectOf(name: string): z.ZodType {
  const line = chain(name);
  const properties = Object.assign({}, ...line.map((type) => type.properties ?? {})) as Record<string, string>;
  const links = new Set(line.flatMap((type) => type.navigation ?? []));
  const known = new Map(Object.entries(properties).map(([property, form]) => [property, formOf(form)]));
  return z.looseObject({}).superRefine((object, context) => {
    for (const [property, value] of Object.entries(object)) {
      const path = [property];
      if (annotation.test(property) || (extended.includes(name) && extension.test(property))) continue;
      // What is expanded is checked as an object of its own.
      if (links.has(property)) continue;
      const schema = known.get(property);
      if (schema === undefined) context.addIssue({ code: 'custom', path, message: `${name} has no such property` });
      else
        for (const issue of schema.safeParse(value).error?.issues ?? [])
          context.addIssue({ code: 'custom', path: [...path, ...issue.path], message: issue.message });
    }
  });
}

/** Collections by the last word of their address, and what they hold. */
const collections: Readonly<Record<string, string>> = {
  users: 'user',
  groups: 'group',
  administrativeUnits: 'administrativeUnit',
  directoryObjects: 'directoryObject',
  deletedItems: 'directoryObject',
  directoryRoles: 'directoryRole',
  directoryRoleTemplates: 'directoryRoleTemplate',
  scopedRoleMemberships: 'scopedRoleMembership',
  scopedRoleMembers: 'scopedRoleMembership',
  scopedRoleMemberOf: 'scopedRoleMembership',
  roleDefinitions: 'unifiedRoleDefinition',
  roleAssignments: 'unifiedRoleAssignment',
  roleAssignmentSchedules: 'unifiedRoleAssignmentSchedule',
  roleAssignmentScheduleInstances: 'unifiedRoleAssignmentScheduleInstance',
  roleAssignmentScheduleRequests: 'unifiedRoleAssignmentScheduleRequest',
  roleEligibilitySchedules: 'unifiedRoleEligibilitySchedule',
  roleEligibilityScheduleInstances: 'unifiedRoleEligibilityScheduleInstance',
  roleEligibilityScheduleRequests: 'unifiedRoleEligibilityScheduleRequest',
  eligibilitySchedules: 'privilegedAccessGroupEligibilitySchedule',
  eligibilityScheduleInstances: 'privilegedAccessGroupEligibilityScheduleInstance',
  eligibilityScheduleRequests: 'privilegedAccessGroupEligibilityScheduleRequest',
  assignmentSchedules: 'privilegedAccessGroupAssignmentSchedule',
  assignmentScheduleInstances: 'privilegedAccessGroupAssignmentScheduleInstance',
  assignmentScheduleRequests: 'privilegedAccessGroupAssignmentScheduleRequest',
  subscribedSkus: 'subscribedSku',
  licenseDetails: 'licenseDetails',
  organization: 'organization',
  domains: 'domain',
  devices: 'device',
  servicePrincipals: 'servicePrincipal',
  applications: 'application',
  extensionProperties: 'extensionProperty',
  schemaExtensions: 'schemaExtension',
  getAvailableExtensionProperties: 'extensionProperty',
  appRoleAssignments: 'appRoleAssignment',
  appRoleAssignedTo: 'appRoleAssignment',
  oauth2PermissionGrants: 'oAuth2PermissionGrant',
  photos: 'profilePhoto',
  photo: 'profilePhoto',
  onPremisesSyncBehavior: 'onPremisesSyncBehavior',
  onPremisesSynchronization: 'onPremisesDirectorySynchronization',
  methods: 'authenticationMethod',
  phoneMethods: 'phoneAuthenticationMethod',
  emailMethods: 'emailAuthenticationMethod',
  passwordMethods: 'passwordAuthenticationMethod',
  temporaryAccessPassMethods: 'temporaryAccessPassAuthenticationMethod',
  externalAuthenticationMethods: 'externalAuthenticationMethod',
  fido2Methods: 'fido2AuthenticationMethod',
  microsoftAuthenticatorMethods: 'microsoftAuthenticatorAuthenticationMethod',
  windowsHelloForBusinessMethods: 'windowsHelloForBusinessAuthenticationMethod',
  platformCredentialMethods: 'platformCredentialAuthenticationMethod',
  softwareOathMethods: 'softwareOathAuthenticationMethod',
  members: 'directoryObject',
  owners: 'directoryObject',
  manager: 'directoryObject',
  roleDefinition: 'unifiedRoleDefinition',
};

/** `https://graph…/$metadata#users(id,displayName)/$entity` -> user; null for what holds no objects (texts, references). */
function typeOfContext(context: string): string | null {
  const [, path = ''] = /^https:\/\/graph\.microsoft\.com\/v1\.0\/\$metadata#(.+)$/.exec(context) ?? [];
  // Invitations are no part of the table: what stands in them is looked at by their own tests.
  if (path.startsWith('invitations')) return null;
  if (/^(\$ref|Collection\(\$ref\)|Collection\(Edm\.\w+\)|Edm\.\w+|Collection\(String\))$/.test(path)) return null;
  const [, named] = /(?:^|\()microsoft\.graph\.(\w+)\)?(?:\/\$entity)?$/.exec(path) ?? [];
  if (named !== undefined) return named;
  const words = path
    .replace(/\/\$(entity|delta)$/, '')
    .replace(/\((?:[^()']|'[^']*'|\([^()]*\))*\)/g, '')
    .split('/');
  return collections[words.at(-1) ?? ''] ?? `of ${path}`;
}

const innerError = z.strictObject({
  date: z.string(),
  'request-id': z.guid(),
  'client-request-id': z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  status: z.string().optional(),
});

/** A dependant that a batch did not even try has no inner error (L:json-batching). */
const errorBody = (status: number) =>
  z.strictObject({
    error: z.strictObject({
      code: z.string().min(1),
      message: z.string(),
      innerError: status === 424 ? innerError.optional() : innerError,
      details: z
        .array(z.strictObject({ code: z.string(), message: z.string(), target: z.string().optional() }))
        .optional(),
    }),
  });

const link = z.url();
const envelope = z.strictObject({
  responses: z.array(
    z.strictObject({
      id: z.string(),
      status: z.number().int(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
  ),
});

// biome-ignore lint/suspicious/noExplicitAny: the JSON of any answer
type Json = any;

/** What is wrong with an answer, one line each; empty: nothing. @param path below /v1.0, with its query. */
export function complaintsAbout(path: string, status: number, body: Json): string[] {
  if (typeof body !== 'object' || body === null) return [];
  if (status >= 400) return told(errorBody(status), body, 'error');
  if (path.replace(/^\//, '').startsWith('$batch')) {
    const complaints = told(envelope, body, 'batch');
    for (const part of Array.isArray(body.responses) ? body.responses : [])
      complaints.push(...complaintsAbout('', part.status, part.body));
    return complaints;
  }
  const context = body['@odata.context'];
  if (typeof context !== 'string') return ['@odata.context is missing'];
  const type = typeOfContext(context);
  const links = ['@odata.nextLink', '@odata.deltaLink'].filter((name) => name in body);
  const complaints = links.flatMap((name) => told(link, body[name], name));
  if (links.length === 2) complaints.push('both nextLink and deltaLink');
  if (type === null) return complaints;
  const isList = Array.isArray(body.value) && !context.endsWith('/$entity');
  const objects: Json[] = isList ? body.value : [body];
  const selected = selectedOf(path);
  for (const object of objects) complaints.push(...complaintsOf(object, type, selected));
  return complaints;
}

function told(schema: z.ZodType, value: unknown, what: string): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(
    ({ path, message }) => `${[what, ...path].join('.')}: ${message}`,
  );
}

/** An object's own type is told by its annotation where the collection holds several. */
function complaintsOf(object: Json, declared: string, selected: ReadonlySet<string> | undefined): string[] {
  if (typeof object !== 'object' || object === null) return [`${declared}: ${typeof object} instead of an object`];
  const annotated = /^#microsoft\.graph\.(\w+)$/.exec(String(object['@odata.type'] ?? ''))?.[1];
  const type = annotated ?? declared;
  if (types[type] === undefined) return [`${type} is no type of the schema`];
  const complaints = told(typeOf(type), object, type);
  if (object['@removed'] !== undefined) return complaints;
  for (const [name, value] of Object.entries(object)) {
    if (annotation.test(name)) {
      if (name.endsWith('@delta')) complaints.push(...entriesOf(value, name));
      continue;
    }
    const isLink = chain(type).some(({ navigation }) => navigation?.includes(name));
    if (!isLink) continue;
    for (const end of Array.isArray(value) ? value : [value])
      if (end !== null) complaints.push(...complaintsOf(end, collections[name] ?? 'directoryObject', undefined));
  }
  if (selected === undefined) return complaints;
  const extra = Object.keys(object).filter((name) => !annotation.test(name) && name !== 'id' && !selected.has(name));
  return [...complaints, ...extra.map((name) => `${type}.${name} was not selected`)];
}

/** Ends of links in a delta: an id and a type each. */
function entriesOf(value: unknown, name: string): string[] {
  const entry = z.strictObject({
    '@odata.type': z.string().startsWith('#microsoft.graph.'),
    id: z.guid(),
    '@removed': z.strictObject({ reason: z.enum(['changed', 'deleted']) }).optional(),
  });
  return told(z.array(entry), value, name);
}

/** The names of `$select` and `$expand`; undefined where the request selects nothing, or its link hides it. */
function selectedOf(path: string): ReadonlySet<string> | undefined {
  const query = new URLSearchParams(path.split('?').slice(1).join('?'));
  const select = query.get('$select') ?? query.get('select');
  if (select === null || /\/(\$batch|getByIds)/.test(path)) return undefined;
  const expanded = (query.get('$expand') ?? '').split(/[,(]/)[0] ?? '';
  return new Set([
    ...select.split(',').map((name) => name.trim().replace(/^microsoft\.graph\.\w+\//, '')),
    expanded,
    'members',
    'owners',
    'manager',
  ]);
}
