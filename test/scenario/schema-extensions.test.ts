/** Values of schema extensions that a connector names. */
import { expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

it('R11 R24 R60 come back, overwritten or lost with their user; a name that Graph does not know makes the snapshot partial', async () => {
  const properties = ['courseName', 'courseType'].map((name) => ({ name, type: 'String' }));
  const definition = { id: 'contoso_courses', targetTypes: ['User', 'Group'], properties };
  const { id: courses } = await system.graph('POST', '/schemaExtensions', definition);
  const [own] = (await system.api('GET', '/connectors')).body.value;
  const keep = (schemaExtensions: object) =>
    system.api('PUT', '/connectors/default', { tenantId: own.tenantId, schemaExtensions });
  expect((await keep({ users: [courses], groups: [courses] })).status).toBe(200);

  const ada = await directory.user('Ada', { [courses]: { courseName: 'Knots' } });
  const ben = await directory.user('Ben', { [courses]: { courseName: 'Sails', courseType: 'online' } });
  const crew = await directory.securityGroup('Crew');
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${ada}`, { [courses]: { courseName: 'oops', courseType: 'oops' } });
  await system.graph('PATCH', `/groups/${crew}`, { [courses]: { courseName: 'oops' } });
  await directory.purge(`/users/${ben}`);
  const request = { users: [ada, ben], groups: [crew] };
  const { job, report } = await system.restore(request);
  expect(job).toMatchObject({ status: 'completed', warnings: [] });
  const newId = report.objects.find(({ id }: { id: string }) => id === ben).newId;
  const coursesOf = async (path: string) => (await directory.get(`${path}?$select=${courses}`))[courses];
  expect(await coursesOf(`/users/${ada}`)).toMatchObject({ courseName: 'Knots', courseType: null });
  expect(await coursesOf(`/users/${newId}`)).toMatchObject({ courseName: 'Sails', courseType: 'online' });
  expect(await coursesOf(`/groups/${crew}`)).toMatchObject({ courseName: null });
  await expectUnchangedAgain(system, request);

  await keep({ users: [courses, 'contoso_lockers'] });
  const { body } = await system.api('POST', '/connectors/default/snapshots', {});
  expect(await system.waitForJob(body.jobId)).toMatchObject({
    status: 'incomplete',
    warnings: [{ code: 'refused', message: expect.stringMatching(/^schemaExtensions: .*contoso_lockers of users/) }],
  });
});
