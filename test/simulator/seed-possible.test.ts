/** A seeded tenant holds nothing that Graph would refuse to make: what was taken away can be given back. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Json, readList, type Simulated, startSimulated } from './simulated.ts';

const started: Simulated[] = [];
afterAll(() => Promise.all(started.map((simulated) => simulated.close())));

describe.each(['demo', '2000'])('the roles of seed %s (graph-facts 4.4)', (seed) => {
  it('can be taken away and given back, active and eligible', async () => {
    const simulated = await startSimulated(null, seed);
    started.push(simulated);
    const root = '/roleManagement/directory';
    const active = await readList(simulated, `${root}/roleAssignments`);
    const eligible = await readList(simulated, `${root}/roleEligibilitySchedules`);
    expect(active.length).toBeGreaterThan(0);
    expect(eligible.length).toBeGreaterThan(0);
    for (const { id, principalId, roleDefinitionId, directoryScopeId } of active) {
      expect((await simulated.graph('DELETE', `${root}/roleAssignments/${id}`)).status).toBe(204);
      const again = { principalId, roleDefinitionId, directoryScopeId };
      const { status, body } = await simulated.graph('POST', `${root}/roleAssignments`, again);
      expect(status, JSON.stringify(body)).toBe(201);
    }
    for (const { principalId, roleDefinitionId, directoryScopeId, scheduleInfo } of eligible) {
      const ask = (action: string, more: Json = {}) =>
        simulated.graph('POST', `${root}/roleEligibilityScheduleRequests`, {
          action,
          principalId,
          roleDefinitionId,
          directoryScopeId,
          justification: 'test',
          ...more,
        });
      expect((await ask('adminRemove')).status).toBe(201);
      const { expiration } = scheduleInfo;
      const given = await ask('adminAssign', {
        scheduleInfo: {
          startDateTime: null,
          expiration: { type: expiration.type, endDateTime: expiration.endDateTime },
        },
      });
      expect(given.status, JSON.stringify(given.body)).toBe(201);
    }
  });
});
