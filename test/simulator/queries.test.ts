import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphType } from '../../src/dev/simulator/schema/schema.ts';
import { aGroup, aUser, created, type Json, readList, ref, type Simulated, startSimulated } from './simulated.ts';

let graph: Simulated;
let ids: readonly string[];
const people = [
  {
    displayName: 'Ann Abel',
    department: 'Art',
    mail: 'ann@contoso.com',
    otherMails: ['ann@home.example'],
    companyName: 'Contoso',
  },
  { displayName: "Bo O'Neil", department: 'Art', accountEnabled: false },
  { displayName: 'Cy Dale', department: null, usageLocation: 'NO' },
  { displayName: 'dora Eck', jobTitle: 'Baker' },
];
beforeAll(async () => {
  graph = await startSimulated();
  const made: string[] = [];
  for (const person of people) made.push(await created(graph, '/users', aUser(person)));
  ids = made;
});
afterAll(() => graph.close());

const eventual = { ConsistencyLevel: 'eventual' };
const names = async (query: string, headers: Record<string, string> = {}): Promise<readonly string[]> => {
  const { status, body } = await graph.graph('GET', `/users?${query}`, undefined, { headers });
  if (status !== 200) throw new Error(`${status} ${body.error.code}`);
  return body.value.map((user: Json) => user.displayName);
};

describe('$filter (graph-facts 3.1)', () => {
  it.each([
    ["department eq 'art'", ['Ann Abel', "Bo O'Neil"]],
    ["displayName eq 'Bo O''Neil'", ["Bo O'Neil"]],
    ["startsWith(displayName,'D') or startswith(displayName, 'c')", ['Cy Dale', 'dora Eck']],
    ["department eq 'Art' and (accountEnabled eq false or jobTitle eq 'Baker')", ["Bo O'Neil"]],
    ["displayName in ('Ann Abel','dora Eck')", ['Ann Abel', 'dora Eck']],
    ["proxyAddresses/any(p:p eq 'smtp:ann@contoso.com')", ['Ann Abel']],
    ["otherMails/any(m:m eq 'ann@home.example')", ['Ann Abel']],
    ['createdDateTime ge 2020-01-01T00:00:00Z', people.map(({ displayName }) => displayName)],
    [
      "identities/any(i:i/issuer eq 'contoso.com' and i/signInType eq 'userPrincipalName')",
      people.map(({ displayName }) => displayName),
    ],
  ])('%s', async (filter, expected) => {
    expect(await names(`$filter=${encodeURIComponent(filter)}`)).toEqual(expected);
  });

  it.each([
    ["department ne 'Art'", ['Cy Dale', 'dora Eck']],
    ["not startsWith(displayName,'A')", ["Bo O'Neil", 'Cy Dale', 'dora Eck']],
    ["endsWith(mail,'@contoso.com')", ['Ann Abel']],
    ['department eq null', ['Cy Dale', 'dora Eck']],
    ["companyName eq 'Contoso'", ['Ann Abel']],
  ])('%s only with ConsistencyLevel eventual and $count', async (filter, expected) => {
    const query = `$filter=${encodeURIComponent(filter)}`;
    await expect(names(query)).rejects.toThrow('400 Request_UnsupportedQuery');
    await expect(names(query, eventual)).rejects.toThrow('400 Request_UnsupportedQuery');
    expect(await names(`${query}&$count=true`, eventual)).toEqual(expected);
  });

  it.each([
    "shoeSize eq '9'",
    "passwordPolicies eq 'None'",
    'displayName eq',
    "displayName is 'x'",
    "contains(displayName,'n')",
    "accountEnabled eq 'true'",
    "securityIdentifier eq 'S-1-12-1-1'",
    "startsWith(employeeId,'1')",
    "endsWith(displayName,'n')",
    'createdDateTime gt 2020-01-01T00:00:00Z',
    "otherMails eq 'x'",
    "displayName eq 'x' extra",
  ])('refuses %s', async (filter) => {
    await expect(names(`$filter=${encodeURIComponent(filter)}&$count=true`, eventual)).rejects.toThrow(
      '400 Request_UnsupportedQuery',
    );
  });
});

describe('other options (graph-facts 3.1)', () => {
  it('pages by opaque tokens that keep every option but the headers', async () => {
    const first = await graph.graph('GET', '/users?$top=3&$select=id,displayName&$count=true', undefined, {
      headers: eventual,
    });
    expect(first.body).toMatchObject({
      '@odata.count': 4,
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users(id,displayName)',
    });
    expect(first.body['@odata.nextLink']).toContain(`${graph.url}/v1.0/users?$top=3&$select=id,displayName`);
    const second = await graph.graph('GET', first.body['@odata.nextLink'], undefined, { headers: eventual });
    expect(second.body.value.map((user: Json) => user.id)).toEqual(ids.slice(3));
    expect('@odata.count' in second.body || '@odata.nextLink' in second.body).toBe(false);
  });

  it('counts only for callers that accept an eventual index', async () => {
    expect('@odata.count' in (await graph.graph('GET', '/users?$count=true')).body).toBe(false);
    expect((await graph.graph('GET', '/users/$count')).status).toBe(400);
    expect(
      (await graph.graph('GET', "/users/$count?$filter=department eq 'Art'", undefined, { headers: eventual })).body,
    ).toBe('2');
  });

  it.each(['$top=0', '$top=1000', '$top=many', '$skip=1', '$skiptoken=nonsense'])(
    'refuses %s with 400',
    async (query) => {
      expect((await graph.graph('GET', `/users?${query}`)).status).toBe(400);
    },
  );

  it.each(['$apply=x', 'foo=1', '$select=*', '$expand=calendar'])('answers 501 to %s', async (query) => {
    const { status, body } = await graph.graph('GET', `/users?${query}`);
    expect([status, body.error.code]).toEqual([501, 'NotImplemented']);
  });

  it('names the path it does not know, and the verb a path does not take', async () => {
    const unknown = await graph.graph('GET', '/users/x/calendar/events');
    expect([unknown.status, unknown.body.error.message]).toEqual([
      501,
      expect.stringContaining('/users/x/calendar/events'),
    ]);
    expect((await graph.graph('PUT', '/users')).status).toBe(405);
  });

  it('sorts, searches and sorts what it filters only as an advanced query', async () => {
    expect(await names('$orderby=displayName desc')).toEqual(['dora Eck', 'Cy Dale', "Bo O'Neil", 'Ann Abel']);
    const both = "$orderby=displayName desc&$filter=department eq 'Art'";
    await expect(names(both)).rejects.toThrow('400');
    expect(await names(`${both}&$count=true`, eventual)).toEqual(["Bo O'Neil", 'Ann Abel']);
    await expect(names('$search="displayName:dal"')).rejects.toThrow('400');
    expect(await names('$search="displayName:dal"', eventual)).toEqual(['Cy Dale']);
    const either = '"displayName:dal" AND "mail:none" OR "displayName:bo" OR "mail:ann"';
    expect(await names(`$search=${encodeURIComponent(either)}`, eventual)).toEqual(['Ann Abel', "Bo O'Neil"]);
  });

  it('expands a manager whole and at most twenty members', async () => {
    await graph.graph('PUT', `/users/${ids[0]}/manager/$ref`, ref(ids[1] ?? ''));
    const [ann, bo] = await readList(graph, '/users?$select=id&$expand=manager($select=id,displayName)');
    expect(ann.manager).toEqual({ '@odata.type': '#microsoft.graph.user', id: ids[1], displayName: "Bo O'Neil" });
    expect('manager' in bo).toBe(false);
    const group = await created(graph, '/groups', aGroup());
    for (let at = 0; at < 22; at += 1) {
      await graph.graph('POST', `/groups/${group}/members/$ref`, ref(await created(graph, '/groups', aGroup())));
    }
    expect((await graph.graph('GET', `/groups/${group}?$expand=members($select=id)`)).body.members).toHaveLength(20);
    expect((await graph.graph('GET', `/groups/${group}?$expand=members,owners`)).status).toBe(400);
  });

  it('gets objects by id whatever their type, with references and casts', async () => {
    const group = await created(graph, '/groups', aGroup());
    const body = { ids: [ids[0], group, '11111111-2222-4333-8444-555555555555'], types: ['user', 'group'] };
    const { body: found } = await graph.graph('POST', '/directoryObjects/getByIds?$select=id', body);
    expect(found.value).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: ids[0] },
      { '@odata.type': '#microsoft.graph.group', id: group },
    ]);
    expect(
      (await graph.graph('POST', '/directoryObjects/microsoft.graph.getByIds', { ids: [group], types: ['user'] })).body
        .value,
    ).toEqual([]);
  });
});

describe('the schema', () => {
  const collections = [
    ['/users', 'user'],
    ['/groups', 'group'],
    ['/directory/administrativeUnits', 'administrativeUnit'],
    ['/directoryRoles', 'directoryRole'],
    ['/directoryRoleTemplates', 'directoryRoleTemplate'],
    ['/roleManagement/directory/roleDefinitions', 'unifiedRoleDefinition'],
    ['/roleManagement/directory/roleAssignments', 'unifiedRoleAssignment'],
    ['/roleManagement/directory/roleEligibilitySchedules', 'unifiedRoleEligibilitySchedule'],
    ['/roleManagement/directory/roleEligibilityScheduleInstances', 'unifiedRoleEligibilityScheduleInstance'],
    ['/roleManagement/directory/roleAssignmentSchedules', 'unifiedRoleAssignmentSchedule'],
    ['/roleManagement/directory/roleAssignmentScheduleInstances', 'unifiedRoleAssignmentScheduleInstance'],
    ['/subscribedSkus', 'subscribedSku'],
    ['/organization', 'organization'],
    ['/domains', 'domain'],
    ['/users/mara.lindqvist@contoso.com/licenseDetails', 'licenseDetails'],
  ] as const;

  it.each(collections)('%s returns what %s declares', async (path, name) => {
    const demo = await startSimulated(null, 'demo');
    try {
      const type = graphType(name);
      const rows = await readList(demo, path);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) {
        for (const [property, value] of Object.entries(row)) {
          if (property.startsWith('@')) continue;
          const declared = type.properties.get(property);
          expect(declared, `${name}.${property}`).toBeDefined();
          expect(Array.isArray(value), `${name}.${property}`).toBe(declared?.collection);
        }
      }
    } finally {
      await demo.close();
    }
  });

  it('has every built-in role under its public template id', async () => {
    const roles = await readList(graph, '/roleManagement/directory/roleDefinitions?$filter=isBuiltIn eq true');
    expect(roles.length).toBeGreaterThan(100);
    expect(roles.find(({ id }) => id === '62e90394-69f5-4237-9190-012177145e10')).toMatchObject({
      displayName: 'Global Administrator',
    });
  });
});
