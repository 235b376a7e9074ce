/** Authentication methods of a user: which can be added, changed and deleted by an app (graph-facts 3.4). */
import { badRequest, methodNotAllowed, notFound, readOnlyProperty } from '../errors.ts';
import { allowOptions, readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { fits, graphType } from '../schema/schema.ts';
import type { Entity, Row } from '../tenant/entity.ts';
import { newId } from './bodies.ts';
import { findLive, findReadable } from './lookup.ts';
import { requireAuthorityOver } from './privilege.ts';

interface MethodKind {
  readonly collection: string;
  /** Short Graph type. */
  readonly type: string;
  readonly insertable?: boolean;
  readonly updatable?: boolean;
  readonly readOnly?: readonly string[];
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
    readOnly: ['smsSignInState'],
    idOf: (row) => phoneIds[String(row.phoneType)] ?? null,
  },
  {
    collection: 'emailMethods',
    type: 'emailAuthenticationMethod',
    insertable: true,
    updatable: true,
    idOf: () => '3ddfcfc8-9383-446f-83cc-3ab9be4be18f',
  },
  {
    collection: 'temporaryAccessPassMethods',
    type: 'temporaryAccessPassAuthenticationMethod',
    insertable: true,
    readOnly: ['isUsable', 'methodUsabilityReason', 'temporaryAccessPass'],
  },
  { collection: 'externalAuthenticationMethods', type: 'externalAuthenticationMethod', insertable: true },
  { collection: 'fido2Methods', type: 'fido2AuthenticationMethod' },
  { collection: 'microsoftAuthenticatorMethods', type: 'microsoftAuthenticatorAuthenticationMethod' },
  { collection: 'windowsHelloForBusinessMethods', type: 'windowsHelloForBusinessAuthenticationMethod' },
  { collection: 'platformCredentialMethods', type: 'platformCredentialAuthenticationMethod' },
  { collection: 'softwareOathMethods', type: 'softwareOathAuthenticationMethod' },
];

const root = '/users/{id}/authentication';

export const authenticationRoutes: readonly Route[] = [
  { method: 'GET', template: `${root}/methods`, handle: (call) => list(call, null) },
  {
    method: 'GET',
    template: `${root}/methods/{id}`,
    handle: (call) => one(call, findMethod(call, findReadable(call, 'user', param(call, 0)), null)),
  },
  { method: 'GET', template: `${root}/passwordMethods`, handle: (call) => list(call, 'passwordAuthenticationMethod') },
  ...kinds.flatMap((kind): Route[] => {
    const path = `${root}/${kind.collection}`;
    return [
      { method: 'GET', template: path, handle: (call) => list(call, kind.type) },
      {
        method: 'GET',
        template: `${path}/{id}`,
        handle: (call) => one(call, findMethod(call, findReadable(call, 'user', param(call, 0)), kind.type)),
      },
      { method: 'POST', template: path, handle: (call) => add(call, kind) },
      { method: 'PATCH', template: `${path}/{id}`, handle: (call) => change(call, kind) },
      { method: 'DELETE', template: `${path}/{id}`, handle: (call) => remove(call, kind) },
    ];
  }),
];

/** Methods of a user, the password among them; codes of passes are shown only once, at creation. */
function methodsOf(call: Call, user: Entity): readonly Row[] {
  const password = {
    '@odata.type': '#microsoft.graph.passwordAuthenticationMethod',
    id: passwordId,
    password: null,
    createdDateTime: null,
  };
  const stored = [...call.tenant.rows('authenticationMethod')]
    .filter(([key]) => key.startsWith(`${user.id}/`))
    .map(([, row]) => row);
  return [password, ...stored].map((row) =>
    'temporaryAccessPass' in row ? { ...row, temporaryAccessPass: null } : row,
  );
}

const hasType = (row: Row, type: string | null): boolean =>
  type === null || row['@odata.type'] === `#microsoft.graph.${type}`;

function list(call: Call, type: string | null): GraphResponse {
  // Methods take no query options (graph-facts 3.1).
  allowOptions(call, []);
  const user = findReadable(call, 'user', param(call, 0));
  return json({
    '@odata.context': contextUrl(`users('${user.id}')/authentication/methods`),
    value: methodsOf(call, user).filter((row) => hasType(row, type)),
  });
}

function findMethod(call: Call, user: Entity, type: string | null): Row {
  const row = methodsOf(call, user).find((candidate) => candidate.id === param(call, 1) && hasType(candidate, type));
  if (row === undefined) throw notFound(param(call, 1));
  return row;
}

function one(call: Call, row: Row): GraphResponse {
  allowOptions(call, []);
  return json({ '@odata.context': contextUrl('users/authentication/methods/$entity'), ...row });
}

function readMethod(call: Call, kind: MethodKind): Row {
  const { properties } = graphType(kind.type);
  const body = readBody(call);
  for (const [name, value] of Object.entries(body)) {
    if (name === '@odata.type') continue;
    const type = properties.get(name);
    if (type === undefined) throw badRequest(`Invalid property '${name}' of type 'microsoft.graph.${kind.type}'.`);
    if (name === 'id' || kind.readOnly?.includes(name) === true) throw readOnlyProperty(name);
    if (!fits(value, type)) throw badRequest(`Invalid value specified for property '${name}'.`);
  }
  const { '@odata.type': _, ...row } = body;
  const { phoneNumber, emailAddress } = row;
  if (phoneNumber !== undefined && !/^\+\d{1,3} \d{4,14}(x\d{1,8})?$/.test(String(phoneNumber)))
    throw badRequest("Invalid value specified for property 'phoneNumber'.");
  if (emailAddress !== undefined && !/^[^@\s]+@[^@\s]+$/.test(String(emailAddress)))
    throw badRequest("Invalid value specified for property 'emailAddress'.");
  return row;
}

function add(call: Call, kind: MethodKind): GraphResponse {
  if (kind.insertable !== true) throw methodNotAllowed();
  const user = findLive(call, 'user', param(call, 0));
  requireAuthorityOver(call, user);
  const given = readMethod(call, kind);
  const row: Row = {
    '@odata.type': `#microsoft.graph.${kind.type}`,
    id: kind.idOf?.(given) ?? newId(),
    ...given,
    ...defaultsOf(call, kind, given),
  };
  const held = methodsOf(call, user);
  if (held.some((other) => other.id === row.id)) throw badRequest('A method of this kind is registered already.');
  if (row.phoneType === 'alternateMobile' && !held.some((other) => other.id === phoneIds.mobile)) {
    throw badRequest('A mobile phone has to be registered before an alternate mobile one.');
  }
  if (kind.type === 'temporaryAccessPassAuthenticationMethod' && held.some((other) => hasType(other, kind.type))) {
    throw badRequest('A Temporary Access Pass exists already.');
  }
  call.tenant.transact(() => call.tenant.put('authenticationMethod', `${user.id}/${String(row.id)}`, row));
  return json({ '@odata.context': contextUrl('users/authentication/methods/$entity'), ...row }, 201);
}

function defaultsOf(call: Call, kind: MethodKind, given: Row): Row {
  if (kind.type === 'phoneAuthenticationMethod') {
    if (given.phoneNumber === undefined || given.phoneType === undefined)
      throw badRequest("'phoneNumber' and 'phoneType' are required.");
    return { smsSignInState: 'notAllowedByPolicy' };
  }
  if (kind.type === 'emailAuthenticationMethod') {
    if (given.emailAddress === undefined) throw badRequest("'emailAddress' is required.");
    return {};
  }
  if (kind.type !== 'temporaryAccessPassAuthenticationMethod') return {};
  return {
    temporaryAccessPass: newId().replaceAll('-', '').slice(0, 8),
    isUsable: true,
    isUsableOnce: given.isUsableOnce ?? false,
    lifetimeInMinutes: given.lifetimeInMinutes ?? 60,
    methodUsabilityReason: 'EnabledByPolicy',
    startDateTime: given.startDateTime ?? call.tenant.clock.now(),
  };
}

function change(call: Call, kind: MethodKind): GraphResponse {
  if (kind.updatable !== true) throw methodNotAllowed();
  const user = findLive(call, 'user', param(call, 0));
  requireAuthorityOver(call, user);
  const row = findMethod(call, user, kind.type);
  const next = { ...row, ...readMethod(call, kind), id: row.id };
  call.tenant.transact(() => call.tenant.put('authenticationMethod', `${user.id}/${String(row.id)}`, next));
  return noContent();
}

function remove(call: Call, kind: MethodKind): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  requireAuthorityOver(call, user);
  const row = findMethod(call, user, kind.type);
  call.tenant.transact(() => call.tenant.remove('authenticationMethod', `${user.id}/${String(row.id)}`));
  return noContent();
}
