/**
 * The floor under a full snapshot: fetch every page that holds what a snapshot keeps, as the product's own app, and throw it away.
 * Written from graph-facts 3 and 11, not from what the gateway does.
 */
import { kindOf } from '../../directory/kinds.ts';
import type { System } from '../system.ts';

const headers = { authorization: 'Bearer app', 'content-type': 'application/json' };

/** @returns wall time in ms, and the ids of the users met. */
export async function drain(system: System): Promise<{ readonly ms: number; readonly users: number }> {
  const started = performance.now();
  const users: string[] = [];
  const added = await extensions(system);
  const select = (kind: Parameters<typeof kindOf>[0], ...more: string[]): string =>
    `$select=${['id', ...kindOf(kind).captured, ...(added[kind] ?? []), ...more].join(',')}`;
  const streams = [
    // Cheaper than delta from the beginning; the link is what the next snapshot goes on from.
    `/users/delta?${select('users', 'manager')}&$deltatoken=latest`,
    `/users?${select('users')}&$expand=manager($select=id)&$top=999`,
    `/groups/delta?${select('groups', 'members', 'owners')}`,
    `/directory/administrativeUnits/delta?${select('administrativeUnits', 'members')}`,
    '/users?$select=id&$expand=sponsors($select=id)&$top=999',
    '/users?$select=id&$expand=appRoleAssignments&$top=999',
    '/roleManagement/directory/roleDefinitions',
    '/roleManagement/directory/roleAssignments',
    '/roleManagement/directory/roleAssignmentSchedules',
    '/roleManagement/directory/roleEligibilitySchedules',
    '/subscribedSkus',
    '/organization',
    '/domains',
  ];
  await Promise.all(
    streams.map(async (first) => {
      for (let next: string | undefined = `${system.graph}${first}`; next !== undefined; ) {
        const page = (await (await fetch(next, { headers })).json()) as {
          value?: { id: string }[];
          '@odata.nextLink'?: string;
        };
        if (page.value === undefined) throw new Error(`draining ${first}: no page came`);
        if (first.includes('$expand=manager')) users.push(...page.value.map(({ id }) => id));
        next = page['@odata.nextLink'];
      }
    }),
  );
  await Promise.all([drainByUser(system, users), drainByGroup(system)]);
  return { ms: performance.now() - started, users: users.length };
}

/** Names by kind; where the first question is answered with nothing, a second one has to be asked. */
async function extensions(system: System): Promise<Readonly<Record<string, readonly string[]>>> {
  const asked = await fetch(`${system.graph}/directoryObjects/getAvailableExtensionProperties`, {
    method: 'POST',
    headers,
    body: '{}',
  });
  const { value } = (await asked.json()) as { value: { name: string; targetObjects: string[] }[] };
  if (value.length === 0) {
    const expand = '$expand=extensionProperties($select=name,targetObjects,isSyncedFromOnPremises)';
    await (await fetch(`${system.graph}/applications?$select=id&${expand}&$top=999`, { headers })).json();
  }
  const of = (target: string) => value.flatMap((one) => (one.targetObjects.includes(target) ? [one.name] : []));
  return { users: of('User'), groups: of('Group'), administrativeUnits: of('AdministrativeUnit') };
}

/** What Graph tells of one group at a time, of those that may hold roles. */
async function drainByGroup(system: System): Promise<void> {
  for (const schedules of ['eligibilitySchedules', 'assignmentSchedules']) {
    const groups = `${system.graph}/groups?$select=id&$filter=isAssignableToRole eq true&$top=999`;
    const { value } = (await (await fetch(groups, { headers })).json()) as { value: { id: string }[] };
    const path = `/identityGovernance/privilegedAccess/group/${schedules}`;
    await drainBatches(
      system,
      value.map(({ id }) => `${path}?$filter=groupId eq '${id}'`),
      1,
    );
  }
}

/** What Graph tells of one user at a time. */
async function drainByUser(system: System, users: readonly string[]): Promise<void> {
  const urls = users.flatMap((id) => [`/users/${id}/photo/$value`, `/users/${id}/authentication/methods`]);
  await drainBatches(system, urls, 4);
}

async function drainBatches(system: System, urls: readonly string[], workers: number): Promise<void> {
  const batches = Array.from({ length: Math.ceil(urls.length / 20) }, (_, at) => urls.slice(at * 20, at * 20 + 20));
  const worker = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const requests = batch.map((url, at) => ({ id: `${at}`, method: 'GET', url }));
      const body = JSON.stringify({ requests });
      await (await fetch(`${system.graph}/$batch`, { method: 'POST', headers, body })).json();
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
