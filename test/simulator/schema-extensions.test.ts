/** Schema extensions as Graph has them (L:api/resources/schemaextension, extensibility-overview). */
import { expect, it } from 'vitest';
import { aUser, created, type Json, readDelta, useSimulated } from './simulated.ts';

const graph = useSimulated();
const define = async (id: string): Promise<Json> => {
  const properties = [
    { name: 'courseId', type: 'Integer' },
    { name: 'courseName', type: 'String' },
  ];
  const body = { id, description: 'Courses', targetTypes: ['User'], properties };
  return (await graph.graph('POST', '/schemaExtensions', body)).body;
};
const patch = async (id: string, body: object) => (await graph.graph('PATCH', `/users/${id}`, body)).status;

it('are defined under a name of the tenant, or one that Graph makes up, and listed', async () => {
  expect((await define('contoso_courses')).id).toBe('contoso_courses');
  expect((await define('courses')).id).toMatch(/^ext\w{8}_courses$/);
  expect((await graph.graph('GET', '/schemaExtensions')).body.value).toHaveLength(2);
});

it('show an object to whoever asks by name; members that are not written stay', async () => {
  const { id: name } = await define('contoso_courses');
  const user = await created(graph, '/users', aUser({ [name]: { courseId: 7, courseName: 'Knots' } }));
  const link = (await readDelta(graph, `/users/delta?$select=${name}`)).link;
  expect(await patch(user, { [name]: { courseId: null } })).toBe(204);
  const value = { '@odata.type': '#microsoft.graph.ComplexExtensionValue', courseId: null, courseName: 'Knots' };
  expect((await graph.graph('GET', `/users/${user}?$select=${name}`)).body[name]).toEqual(value);
  expect((await readDelta(graph, link)).value).toEqual([{ id: user, [name]: value }]);
  expect(await patch(user, { [name]: { colour: 'red' } })).toBe(400);
  expect(await patch(user, { [name]: { courseId: 'seven' } })).toBe(400);
  expect(await patch(user, { [name]: null })).toBe(204);
  expect((await graph.graph('GET', `/users/${user}?$select=${name}`)).body).not.toHaveProperty(name);
});

it('take their values out of sight when they go', async () => {
  const { id: name } = await define('contoso_courses');
  const user = await created(graph, '/users', aUser({ [name]: { courseId: 7 } }));
  expect((await graph.graph('DELETE', `/schemaExtensions/${name}`)).status).toBe(204);
  expect((await graph.graph('GET', `/users/${user}?$select=${name}`)).status).toBe(400);
});
