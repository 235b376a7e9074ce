/**
 * What a plan needs and will lack, said before the first write (R10, R23): what the plan itself found, seats, permissions, directory roles,
 * roles scoped to restricted units. A step that will fail is tried all the same.
 */
import type { Need, OwnRole } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { leastOf } from '../directory/sensitive-actions.ts';
import { AppError, type ErrorCode, isAppError } from '../errors.ts';
import type { JobNotice } from '../job/job.ts';
import type { JobContext } from './job-context.ts';
import { seatsSeen } from './licence-planning.ts';
import { toRead } from './needs.ts';
import { lackingIn, type PlanSummary, plus, restrictedNotices, shortSeats, type Tally } from './plan-summary.ts';
import { holdsOneOf } from './privilege.ts';

export async function preflight(context: JobContext, summary: PlanSummary): Promise<JobNotice[]> {
  const { gateway } = context;
  const takesSeats = Object.keys(summary.licences).length > 0;
  const seats = takesSeats ? (seatsSeen(context) ?? (await seen(() => gateway.readSeats()))) : undefined;
  const asksRoles = [summary.guarded, summary.restricted].some((tallies) => Object.keys(tallies).length > 0);
  const roles = asksRoles ? await seen(() => gateway.ownRoles()) : undefined;
  return [
    ...lackingIn(summary),
    ...(seats === undefined ? [] : shortSeats(summary, seats)),
    ...restrictedNotices(withoutOwn(summary.restricted, roles)),
    ...missingRoles(summary.guarded, roles),
    ...(await missingPermissions(gateway, summary.needs)),
    ...missingSettings(context, summary.needs),
  ];
}

/** Throws `forbidden` for a plan of which no object could be read: there is nothing to go on with. */
export function requireReadable({ objects, needs }: PlanSummary): void {
  const total = Object.values(objects).reduce((sum, count) => sum + count, 0);
  if (total === 0 || objects.fail !== total || needs[toRead]?.count !== total) return;
  throw new AppError(
    'forbidden',
    'None of the objects could be read in the directory: grant the app the permissions that "preflight" names, then start again.',
  );
}

const silent: readonly ErrorCode[] = [
  'forbidden',
  'throttled',
  'not-found',
  'refused',
  'unsupported',
  'graph-unreachable',
];

/** Undefined where Graph does not tell: that alone keeps nobody from restoring. */
const seen = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await ask();
  } catch (error) {
    if (!isAppError(error, ...silent)) throw error;
    return undefined;
  }
};

const withoutOwn = (restricted: Readonly<Record<Id, Tally>>, roles: readonly OwnRole[] = []): Record<Id, Tally> => {
  const isOwn = (unit: Id) => roles.some(({ directoryScopeId }) => directoryScopeId === `/administrativeUnits/${unit}`);
  return Object.fromEntries(Object.entries(restricted).filter(([unit]) => !isOwn(unit)));
};

function missingRoles(guarded: Readonly<Record<string, Tally>>, roles: readonly OwnRole[] | undefined): JobNotice[] {
  if (roles === undefined) return [];
  return Object.entries(guarded).flatMap(([key, { count, ids }]): JobNotice[] => {
    const enough = JSON.parse(key) as readonly Id[];
    if (holdsOneOf(roles, enough)) return [];
    const message = `${count} user(s) hold directory roles: the app lacks the directory role ${leastOf(enough)}, or a higher one. Give it for the time of the restore.`;
    return [{ code: 'privileged-needs-app-role', message, objectIds: ids }];
  });
}

/** Passwords that nobody can collect: without a key none is kept (R27). */
function missingSettings({ secrets, request }: JobContext, needs: PlanSummary['needs']): JobNotice[] {
  if (secrets !== undefined || request.newUsers.password !== 'random') return [];
  const made = Object.entries(needs).flatMap(([key, { ids }]) => {
    const need = JSON.parse(key) as Need;
    return need.write === 'create' && need.kind === 'users' ? ids : [];
  });
  if (made.length === 0) return [];
  const message =
    'Without the setting CREDENTIAL_KEY no password of a recreated user is kept. Set one first, or reset the passwords afterwards.';
  return [{ code: 'setting-missing', message, objectIds: made }];
}

async function missingPermissions(
  gateway: JobContext['gateway'],
  tallies: Readonly<Record<string, Tally>>,
): Promise<JobNotice[]> {
  const needs = Object.keys(tallies);
  if (needs.length === 0) return [];
  try {
    const lacking = await gateway.lacking(needs.map((need) => JSON.parse(need) as Need));
    const missing: Record<string, Tally> = {};
    for (const [index, names] of (lacking ?? []).entries())
      for (const name of names)
        missing[name] = plus(missing[name], tallies[needs[index] ?? ''] ?? { count: 0, ids: [] });
    return Object.entries(missing).map(([name, { ids }]) => ({
      code: 'permission-missing',
      message: `The app lacks the permission ${name}, which this plan needs. Grant it, then restore.`,
      objectIds: ids,
    }));
  } catch (error) {
    if (!isAppError(error, 'forbidden')) {
      await seen(() => Promise.reject(error));
      return [];
    }
    const message = 'The app lacks the permission Directory.Read.All: nobody can say beforehand which others it lacks.';
    return [{ code: 'permission-missing', message }];
  }
}
