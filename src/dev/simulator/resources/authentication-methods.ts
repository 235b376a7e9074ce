/** Authentication methods of a user: which can be added, changed and deleted by an app (graph-facts 3.4). */
import { GraphError, methodNotAllowed, notFound } from '../errors.ts';
import { allowOptions, readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { fits, graphType } from '../schema/schema.ts';
import type { Entity, Row } from '../tenant/entity.ts';
import { newId } from './bodies.ts';
import { findLive, findReadable } from './lookup.ts';
import { requireAuthorityOver } from './privilege.ts';
import { newPass, passType, showPass } from './temporary-access-pass.ts';

interface MethodKind {
  readonly collection: string;
  /** Short Graph type. */
  readonly type: string;
  readonly insertable?: boolean;
  readonly updatable?: boolean;
  /** Needed to add one. */
  readonly required?: readonly string[];
  readonly readOnly?: readonly string[];
  /** Cannot become another. */
  readonly fixed?: string;
  /** The fixed id of a new method; null: a new one each time. */
  readonly idOf?: (row: Row) => string | null;
}

const phoneIds: Readonly<Record<string, string>> = {
  mobile: '3179e48a-750b-4051-897c-87b9720928f7',
  alternateMobile: 'b6332ec1-7057-4abe-9331-3d72feddfe41',
  office: 'e37fc753-ff3b-4958-9484-eaa9425c82bc',
};
const passwordId = '28c10230-6103-485e-b985-444c60001490';

const kinds: readonly MethodKind[] = [
  {
    collection: 'phoneMethods',
    type: 'phoneAuthenticationMethod',
    insertable: true,
    updatable: true,
    required: ['phoneNumber', 'phoneType'],
    readOnly: ['smsSignInState', 'createdDateTime'],
    fixed: 'phoneType',
    idOf: (row) => phoneIds[String(row.phoneType)] ?? null,
  },
  {
    collection: 'emailMethods',
    type: 'emailAuthenticationMethod',
    insertable: true,
    updatable: true,
    required: ['emailAddress'],
    readOnly: ['createdDateTime'],
    idOf: () => '3ddfcfc8-9383-446f-83cc-3ab9be4be18f',
  },
  {
    collection: 'temporaryAccessPassMethods',
    type: passType,
    insertable: true,
    readOnly: ['isUsable', 'methodUsabilityReason', 'temporaryAccessPass', 'createdDateTime'],
  },
  {
    collection: 'externalAuthenticationMethods',
    type: 'externalAuthenticationMethod',
    insertable: true,
    required: ['configurationId', 'displayName'],
    readOnly: ['createdDateTime'],
  },
  { collection: 'fido2Methods', type: 'fido2AuthenticationMethod' },
  { collection: 'microsoftAuthenticatorMethods', type: 'microsoftAuthenticatorAuthenticationMethod' },
  { collection: 'windowsHelloForBusinessMethods', type: 'windowsHelloForBusinessAuthenticationMethod' },
  { collection: 'platformCredentialMethods', type: 'platformCredentialAuthenticationMethod' },
  { collection: 'softwareOathMethods', type: 'softwareOathAuthenticationMethod' },
];
/** Every kind of method in one collection, each under its type. */
const all = { collection: 'methods', type: null } as const;
/** Nothing but read: a password is changed by actions that no app may take. */
const passwords = { collection: 'passwordMethods', type: 'passwordAuthenticationMethod' } as const;

const root = '/users/{id}/authentication';

const readRoutes = (kind: Listed): readonly Route[] => [
  { method: 'GET', template: `${root}/${kind.collection}`, handle: (call) => list(call, kind) },
  {
    method: 'GET',
    template: `${root}/${kind.collection}/{id}`,
    handle: (call) => {
      allowOptions(call, []);
      const user = findReadable(call, 'user', param(call, 0));
      return one(user, kind, findMethod(call, user, kind));
    },
  },
];

export const authenticationRoutes: readonly Route[] = [
  ...readRoutes(all),
  ...readRoutes(passwords),
  ...kinds.flatMap((kind): Route[] => {
    const path = `${root}/${kind.collection}`;
    return [
      ...readRoutes(kind),
      { method: 'POST', template: path, handle: (call) => add(call, kind) },
      { method: 'PATCH', template: `${path}/{id}`, handle: (call) => change(call, kind) },
      { method: 'DELETE', template: `${path}/{id}`, handle: (call) => remove(call, kind) },
    ];
  }),
];

interface Listed {
  readonly collection: string;
  readonly type: string | null;
}

/** This service has its own code for a bad request, in small letters (I: microsoft-graph-docs#12187). */
const refused = (message: string): GraphError => new GraphError(400, 'badRequest', message);

/** Methods of a user as reads show them, the password among them. */
function methodsOf(call: Call, user: Entity): readonly Row[] {
  const password = {
    '@odata.type': '#microsoft.graph.passwordAuthenticationMethod',
    id: passwordId,
    password: null,
    createdDateTime: null,
  };
  const stored = [...call.tenant.rows('authenticationMethod')]
    .filter(([key]) => key.startsWith(`${user.id}/`))
    .map(([, row]) => (hasType(row, passType) ? showPass(row, call.tenant.clock.nowMs()) : row));
  return [password, ...stored];
}

const hasType = (row: Row, type: string | null): boolean =>
  type === null || row['@odata.type'] === `#microsoft.graph.${type}`;

/** In a collection of one type the type goes without saying; passes say it all the same, as documented. */
function shownIn(kind: Listed, row: Row): Row {
  if (kind.type === null || kind.type === passType) return row;
  const { '@odata.type': _, ...rest } = row;
  return rest;
}

const contextOf = (user: Entity, kind: Listed): string => `users('${user.id}')/authentication/${kind.collection}`;

function list(call: Call, kind: Listed): GraphResponse {
  // Methods take no query options (graph-facts 3.1).
  allowOptions(call, []);
  const user = findReadable(call, 'user', param(call, 0));
  const rows = methodsOf(call, user).filter((row) => hasType(row, kind.type));
  return json({
    '@odata.context': contextUrl(contextOf(user, kind)),
    value: rows.map((row) => shownIn(kind, row)),
  });
}

function findMethod(call: Call, user: Entity, kind: Listed): Row {
  const row = methodsOf(call, user).find(
    (candidate) => candidate.id === param(call, 1) && hasType(candidate, kind.type),
  );
  if (row === undefined) throw notFound(param(call, 1));
  return row;
}

const one = (user: Entity, kind: Listed, row: Row, status = 200): GraphResponse =>
  json({ '@odata.context': contextUrl(`${contextOf(user, kind)}/$entity`), ...shownIn(kind, row) }, status);

function readMethod(call: Call, kind: MethodKind): Row {
  const { properties } = graphType(kind.type);
  const body = readBody(call);
  for (const [name, value] of Object.entries(body)) {
    if (name === '@odata.type') continue;
    const type = properties.get(name);
    if (type === undefined) throw refused(`Invalid property '${name}' of type 'microsoft.graph.${kind.type}'.`);
    if (name === 'id' || kind.readOnly?.includes(name) === true)
      throw refused(`Property '${name}' is read-only and cannot be set.`);
    if (!fits(value, type)) throw refused(`Invalid value specified for property '${name}'.`);
  }
  const { '@odata.type': _, ...row } = body;
  const { phoneNumber, emailAddress } = row;
  if (phoneNumber !== undefined && !/^\+\d{1,3} \d{4,14}(x\d{1,8})?$/.test(String(phoneNumber)))
    throw refused("Invalid value specified for property 'phoneNumber'.");
  if (emailAddress !== undefined && !/^[^@\s]+@[^@\s]+$/.test(String(emailAddress)))
    throw refused("Invalid value specified for property 'emailAddress'.");
  return row;
}

function add(call: Call, kind: MethodKind): GraphResponse {
  if (kind.insertable !== true) throw methodNotAllowed();
  const user = findLive(call, 'user', param(call, 0));
  requireAuthorityOver(call, user);
  const given = readMethod(call, kind);
  for (const name of kind.required ?? []) {
    if (given[name] === undefined || given[name] === null) throw refused(`A value is required for property '${name}'.`);
  }
  const { tenant } = call;
  const held = methodsOf(call, user);
  const id = kind.idOf?.(given) ?? newId();
  if (held.some((other) => other.id === id)) throw refused('A method of this kind is registered already.');
  if (given.phoneType === 'alternateMobile' && !held.some((other) => other.id === phoneIds.mobile)) {
    throw refused('A mobile phone has to be registered before an alternate mobile one.');
  }
  const row = settled(call, kind, { '@odata.type': `#microsoft.graph.${kind.type}`, id, ...given });
  tenant.transact(() => {
    // A new pass takes the place of the one before (L:api/authentication-post-temporaryaccesspassmethods).
    const replaced = kind.type === passType ? held.filter((other) => hasType(other, passType)) : [];
    for (const other of replaced) tenant.remove('authenticationMethod', `${user.id}/${String(other.id)}`);
    tenant.put('authenticationMethod', `${user.id}/${id}`, row);
  });
  const { temporaryAccessPass: code } = row;
  const shown = kind.type === passType ? { ...showPass(row, tenant.clock.nowMs()), temporaryAccessPass: code } : row;
  return one(user, kind, shown, 201);
}

function settled(call: Call, kind: MethodKind, row: Row): Row {
  if (kind.type === passType) return newPass(row, call.tenant.clock.nowMs(), refused);
  if (kind.type !== 'phoneAuthenticationMethod') return row;
  return { ...row, smsSignInState: row.phoneType === 'mobile' ? 'notAllowedByPolicy' : 'notSupported' };
}

function change(call: Call, kind: MethodKind): GraphResponse {
  if (kind.updatable !== true) throw methodNotAllowed();
  const user = findLive(call, 'user', param(call, 0));
  requireAuthorityOver(call, user);
  const row = findMethod(call, user, kind);
  const given = readMethod(call, kind);
  const { fixed } = kind;
  if (fixed !== undefined && given[fixed] !== undefined && given[fixed] !== row[fixed])
    throw refused(`Property '${fixed}' cannot be changed.`);
  const next = { ...row, ...given, id: row.id };
  call.tenant.transact(() => call.tenant.put('authenticationMethod', `${user.id}/${String(row.id)}`, next));
  return noContent();
}

function remove(call: Call, kind: MethodKind): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  requireAuthorityOver(call, user);
  const row = findMethod(call, user, kind);
  call.tenant.transact(() => call.tenant.remove('authenticationMethod', `${user.id}/${String(row.id)}`));
  return noContent();
}
