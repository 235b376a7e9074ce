/** Lets roles and memberships by schedule begin and end on the tenant's clock. */
import type { Row } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { endGroupAssignment, joinGroup } from './group-scheduling.ts';
import { hasBegun, mirror, unassignRole } from './role-assigning.ts';

interface Scheduled {
  readonly begin?: (tenant: Tenant, row: Row) => void;
  readonly end: (tenant: Tenant, id: string) => void;
}

const kinds = {
  roleAssignment: { begin: mirror, end: unassignRole },
  roleEligibility: { end: (tenant, id) => tenant.remove('roleEligibility', id) },
  groupAssignment: { begin: joinGroup, end: endGroupAssignment },
  groupEligibility: { end: (tenant, id) => tenant.remove('groupEligibility', id) },
} as const satisfies Readonly<Record<string, Scheduled>>;

/** Asked at every request, so it looks only when something can be due. */
export function createScheduleKeeper(): { settleDue(tenant: Tenant): void } {
  let [dueMs, seenMs, seenNumber] = [0, 0, -1];
  return {
    settleDue: (tenant) => {
      const nowMs = tenant.clock.nowMs();
      if (tenant.number === seenNumber && nowMs < dueMs && nowMs >= seenMs) return;
      const bounded = (Object.entries(kinds) as [keyof typeof kinds, Scheduled][]).flatMap(([table, kind]) =>
        [...tenant.rows(table)].flatMap(([id, row]) => (isBounded(row) ? [{ kind, id, row }] : [])),
      );
      const ended = bounded.filter(({ row }) => Date.parse(String(row.endDateTime)) <= nowMs);
      const begun = bounded.filter(
        (one) => !ended.includes(one) && one.kind.begin !== undefined && hasBegun(tenant, one.row),
      );
      if (ended.length + begun.length > 0) {
        tenant.transact(() => {
          for (const { kind, id } of ended) kind.end(tenant, id);
          for (const { kind, row } of begun) kind.begin?.(tenant, row);
        });
      }
      const times = bounded
        .flatMap(({ row }) => [row.startDateTime, row.endDateTime])
        .map((time) => Date.parse(String(time)));
      dueMs = Math.min(...times.filter((time) => time > nowMs), Number.MAX_SAFE_INTEGER);
      seenMs = nowMs;
      seenNumber = tenant.number;
    },
  };
}

const isBounded = (row: Row): boolean => typeof row.startDateTime === 'string' || typeof row.endDateTime === 'string';
