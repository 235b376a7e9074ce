/** Authentication methods, app roles and passes of one user (graph-facts 3.3, 3.4, 4.4). */
import type { Id, JsonObject } from '../directory/record.ts';
import { cleanBody } from '../directory/record.ts';
import type { DetailItem, UserDetail } from '../directory/user-details.ts';
import { AppError } from '../errors.ts';
import { address, type Call, isOk, read } from './call.ts';
import type { Transport } from './client.ts';
import { errorOf } from './errors.ts';
import { collect } from './finding.ts';
import type { Lane } from './lane.ts';

const routes: Readonly<Record<UserDetail, string>> = {
  authenticationMethods: '/users/{id}/authentication/methods',
  appRoleAssignments: '/users/{id}/appRoleAssignments',
};

/** A password is no registration, a pass is used up long before a restore, and both are secrets. */
const leftOut = ['passwordAuthenticationMethod', 'temporaryAccessPassAuthenticationMethod'];

/** Names of other objects change by themselves and are looked up when shown. */
const volatile = ['principalDisplayName', 'deletedDateTime', 'smsSignInState'];

export async function detailsOf(
  lane: Lane,
  transport: Transport,
  detail: UserDetail,
  id: Id,
): Promise<readonly DetailItem[] | undefined> {
  const found = await collect(lane, transport, read(routes[detail], [id]));
  return found
    ?.map(itemOf)
    .filter(({ type }) => !leftOut.includes(type))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function itemOf(entity: JsonObject): DetailItem {
  const type = String(entity['@odata.type'] ?? '#microsoft.graph.appRoleAssignment');
  const kept = Object.entries(cleanBody(entity)).filter(([name, value]) => value !== null && !volatile.includes(name));
  return { ...Object.fromEntries(kept), id: String(entity.id), type: type.slice(type.lastIndexOf('.') + 1) };
}

/** @throws AppError `refused` when Graph says no; as the port. */
export async function issuePass(lane: Lane, userId: Id): Promise<string> {
  const call: Call = {
    method: 'POST',
    ...address('/users/{id}/authentication/temporaryAccessPassMethods', [userId]),
    body: { isUsableOnce: true },
    object: userId,
    // Another one takes the place of the first.
    repeatable: true,
  };
  const answer = await lane.submit(call);
  if (!isOk(answer)) throw errorOf(call, answer);
  const { temporaryAccessPass: pass } = (answer.body ?? {}) as JsonObject;
  if (typeof pass === 'string') return pass;
  throw new AppError('refused', 'Graph made a Temporary Access Pass and did not tell its code.');
}
