/** What `$expand` shows: a single related object, or at most 20 of a collection, without nextLink (graph-facts 3.1). */
import type { Expansion } from '../odata/options.ts';
import type { Call } from '../request.ts';
import type { Entity, Relation } from '../tenant/entity.ts';
import { assignmentsOf } from './app-role-rows.ts';
import type { Expanders } from './bodies.ts';
import { renderTyped } from './render.ts';

const mostExpanded = 20;

const show = (call: Call, id: string, { select }: Expansion): object | null => {
  const entity = call.tenant.live(id);
  return entity === undefined ? null : renderTyped(call, entity, select);
};

const many =
  (list: (call: Call, entity: Entity) => Iterable<string>) =>
  (call: Call, entity: Entity, expansion: Expansion): readonly object[] => {
    const shown: object[] = [];
    for (const id of list(call, entity)) {
      const body = show(call, id, expansion);
      if (body !== null) shown.push(body);
      if (shown.length === mostExpanded) break;
    }
    return shown;
  };

const forward = (relation: Relation) => many((call, entity) => call.tenant.targets(relation, entity.id).keys());
const backward = (relation: Relation) => many((call, entity) => call.tenant.sources(relation, entity.id));

/** A manager, with theirs inside as far as `$levels` says; a circle ends where it began. */
function chain(
  call: Call,
  id: string,
  expansion: Expansion,
  levels: number,
  met: ReadonlySet<string> = new Set([id]),
): object | undefined {
  const [manager] = call.tenant.targets('manager', id).keys();
  const shown = manager === undefined || met.has(manager) ? null : show(call, manager, expansion);
  if (shown === null || manager === undefined) return undefined;
  const above = levels > 1 ? chain(call, manager, expansion, levels - 1, new Set([...met, manager])) : undefined;
  return above === undefined ? shown : { ...shown, manager: above };
}

export const userExpanders: Expanders = {
  manager: (call, entity, expansion) => chain(call, entity.id, expansion, expansion.levels),
  directReports: backward('manager'),
  sponsors: forward('sponsors'),
  memberOf: backward('members'),
  ownedObjects: backward('owners'),
  appRoleAssignments: (call, entity, { select }) =>
    assignmentsOf(call.tenant, entity.id, 'principalId')
      .slice(0, mostExpanded)
      .map((row) =>
        select === null ? row : Object.fromEntries(['id', ...select].map((name) => [name, row[name] ?? null])),
      ),
};
export const groupExpanders: Expanders = {
  members: forward('members'),
  owners: forward('owners'),
  memberOf: backward('members'),
};
export const unitExpanders: Expanders = { members: forward('members') };
