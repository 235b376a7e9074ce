/** Authentication methods, app roles and passes of one user (graph-facts 3.3, 3.4, 4.4). */
import type { Change } from '../directory/gateway.ts';
import type { Id, JsonObject } from '../directory/record.ts';
import type { DetailItem, UserDetail } from '../directory/user-details.ts';
import { AppError } from '../errors.ts';
import { address, type Call, isOk, read } from './call.ts';
import type { Transport } from './client.ts';
import { errorOf } from './errors.ts';
import { collect } from './finding.ts';
import type { Lane } from './lane.ts';
import { itemOf, sortedItems } from './user-items.ts';

const routes: Readonly<Record<UserDetail, string>> = {
  authenticationMethods: '/users/{id}/authentication/methods',
  appRoleAssignments: '/users/{id}/appRoleAssignments',
};

export async function detailsOf(
  lane: Lane,
  transport: Transport,
  detail: UserDetail,
  id: Id,
): Promise<readonly DetailItem[] | undefined> {
  const found = await collect(lane, transport, read(routes[detail], [id]));
  return found === undefined ? undefined : sortedItems(found.map(itemOf));
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

/** `$expand` shows at most twenty (graph-facts 3.1): of whoever has so many, all are asked for. */
const mostExpanded = 20;

export const completed = (lane: Lane, transport: Transport, changes: readonly Change[]): Promise<readonly Change[]> =>
  Promise.all(
    changes.map(async (change) => {
      if (change.change !== 'detail' || change.items.length < mostExpanded) return change;
      return { ...change, items: (await detailsOf(lane, transport, change.detail, change.id)) ?? change.items };
    }),
  );
