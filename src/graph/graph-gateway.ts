/** The DirectoryGateway over Microsoft Graph v1.0: one lane of reads, one of writes, one gate and one account for both. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import type { DirectoryGateway, Write, WriteResult } from '../directory/gateway.ts';
import { isAppError } from '../errors.ts';
import { createAccounting } from './accounting.ts';
import { type Call, isOk, read } from './call.ts';
import { createTransport, version } from './client.ts';
import { clouds, endpointOf } from './cloud.ts';
import { defaultLimits, type GraphConfig } from './config.ts';
import { tokenSource } from './credential.ts';
import { explained } from './diagnosis.ts';
import { errorOf } from './errors.ts';
import { availableExtensions, knownProperties, registeredExtensions } from './extensions.ts';
import { findAll, photoOf, roleAssignmentsOf, seats } from './finding.ts';
import { heldInGroups, isOfGroups, readGroupSchedules } from './group-schedules.ts';
import { createLane } from './lane.ts';
import { linksOfEach } from './linking.ts';
import { presentIds } from './listing.ts';
import { matchRules } from './match-rules.ts';
import { createOwnRights } from './own-rights.ts';
import { sendPersistently } from './persistence.ts';
import { readListed, readPage } from './reading.ts';
import { createYouth } from './replication.ts';
import { createTenantClock } from './tenant-clock.ts';
import { backOff, createGate } from './throttle.ts';
import { completed, detailsOf, issuePass } from './user-details.ts';
import { callOf, resultOf } from './writing.ts';

/** @throws AppError `invalid-input` for settings that would send a token where it does not belong. */
export function createGraphGateway(config: GraphConfig): DirectoryGateway {
  const clock = config.clock ?? systemClock;
  const limits = { ...defaultLimits, ...config.limits };
  const endpoint = endpointOf(config.cloud, config.endpoint);
  const token = tokenSource(config.credential, config.cloud, endpoint);
  const accounting = createAccounting();
  const gate = createGate(clock, limits.backoffMs);
  const tenantClock = createTenantClock(clock);
  const transport = createTransport({ endpoint, token, gate, accounting, clock, tenantClock, limits });
  const youth = createYouth(tenantClock.now);
  const parts = { transport, gate, accounting, clock, limits };
  const reads = createLane('read', limits.readBatches, parts);
  const writes = createLane('write', limits.writeBatches, parts);

  const { clientId } = config.credential;
  const own = clientId === undefined ? undefined : createOwnRights(reads, transport, clientId);

  async function applyOne(write: Write): Promise<WriteResult> {
    const call = callOf(write, `${endpoint}/${version}`, clouds[config.cloud].portal);
    for (let tries = 1, waitedMs = 0; ; tries += 1) {
      const result = resultOf(write, call, await writes.submit(call));
      youth.born(write, result);
      if (result.ok) return result;
      // A refusal that cannot be looked into, for whatever reason, is one all the same.
      const failure = await explained(reads, transport, write, result).catch((error: unknown) => {
        if (!isAppError(error) || error.code === 'unauthorized') throw error;
        return result;
      });
      if (waitedMs >= limits.replicationMs * youth.patience(write, failure)) return failure;
      const waitMs = backOff(tries, limits.backoffMs, 5_000);
      waitedMs += waitMs;
      await sleep(waitMs);
    }
  }

  return {
    async readPage(source, cursor, also) {
      if (isOfGroups(source)) return readGroupSchedules(reads, transport, source, cursor);
      const page = await readPage(transport, limits, source, cursor, also);
      return { ...page, changes: await completed(reads, transport, page.changes) };
    },
    async readListed(source, ids) {
      const found = await readListed(reads, source, ids);
      const whole = [...found].map(async ([id, changes]) => [id, await completed(reads, transport, changes)] as const);
      return new Map(await Promise.all(whole));
    },
    availableExtensions: () => availableExtensions(transport, limits),
    registeredExtensions: () => registeredExtensions(reads, transport),
    knownProperties: (kind, names) => knownProperties(reads, kind, names),
    readPhotos: (ids) => Promise.all(ids.map((id) => photoOf(reads, id))),
    readUserDetails: (detail, ids) => Promise.all(ids.map((id) => detailsOf(reads, transport, detail, id))),
    issuePass: (userId) => issuePass(writes, userId),
    find: (lookups) => findAll(reads, transport, lookups),
    present: (ids) => presentIds(reads, ids),
    readLinks: (queries) => linksOfEach(reads, transport, queries),
    readRoleAssignments: (ids, holding, ends) =>
      Promise.all(ids.map((id) => roleAssignmentsOf(reads, transport, id, holding, ends))),
    readGroupSchedules: (groups, holding) =>
      Promise.all(groups.map((id) => heldInGroups(reads, transport, holding, 'groupId', id))),
    readSeats: () => seats(reads, transport),
    readMatchRules: () => matchRules(reads, transport),
    lacking: async (needs) => own?.lacking(needs),
    ownRoles: async () => own?.roles(),
    async apply(all) {
      const settled = await Promise.allSettled(all.map(applyOne));
      return settled.map((outcome) => {
        // Thrown only once every other write has come to its end.
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      });
    },
    async probe() {
      // Who is told to wait has been answered; asking again now would only break the wait.
      if (gate.throttledUntil() !== undefined) return;
      const call: Call = { ...read('/organization', [], { $select: 'id' }), impatient: true };
      const answer = await sendPersistently(transport, call, { ...limits, tries: 4 });
      if (!isOk(answer) && answer.status !== 429) throw errorOf(call, answer);
    },
    now: tenantClock.now,
    spent: () => accounting.spent(),
    throttledUntil: () => gate.throttledUntil(),
  };
}
