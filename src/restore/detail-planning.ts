/** App roles and authentication methods of a chunk of restored users: what they had, what they have, what of it can be given back. */
import type { Id } from '../directory/record.ts';
import {
  type DetailItem,
  isRegistrable,
  registrationOf,
  sameMethod,
  type UserDetail,
} from '../directory/user-details.ts';
import { apart, type Unread, unreadStep } from './apart.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import type { LinkStep, LinkSubject } from './links.ts';
import { presence } from './lookups.ts';
import type { Reason } from './reasons.ts';

/** App roles that live lacks and, in `rollback`, those that only live has (R40). Those of a group belong to the group. */
export async function gatherAppRoles(context: JobContext, subjects: readonly LinkSubject[]): Promise<LinkStep[]> {
  const isRollback = context.request.links === 'rollback';
  const found = await wantedOf(context, subjects, 'appRoleAssignments', { ofAll: isRollback });
  const differences = found.map(({ subject, wanted, live }) => {
    const own = wanted.filter(({ principalId }) => principalId === subject.id);
    const now = 'reason' in live ? own : live;
    const [has, wants] = [new Set(now.map(keyOf)), new Set(own.map(keyOf))];
    const missing = own.filter((role) => !has.has(keyOf(role)));
    const extra = now.filter((role) => role.principalId === subject.liveId && !wants.has(keyOf(role)));
    return { subject, live, missing, extra: isRollback ? extra : [] };
  });
  const resources = differences.flatMap(({ missing }) => missing.map(({ resourceId }) => String(resourceId)));
  const isPresent = await presence(context, resources);
  return differences.flatMap(({ subject, live, missing, extra }) => {
    if ('reason' in live) return [unreadStep(subject, 'appRoleAssignments', live)];
    return [
      ...missing.map((role): LinkStep => {
        const step = stepOf(subject, role);
        return isPresent(step.target)
          ? { act: 'app-role', ...step }
          : { act: 'skip', reason: 'linked-object-missing', ...step };
      }),
      ...extra.map((role) => ({ act: 'remove-app-role' as const, assignmentId: role.id, ...stepOf(subject, role) })),
    ];
  });
}

const stepOf = (subject: LinkSubject, role: DetailItem) => ({
  ...common(subject, 'appRoleAssignments'),
  target: String(role.resourceId),
  targetId: String(role.resourceId),
  appRoleId: String(role.appRoleId),
  ...(typeof role.resourceDisplayName === 'string' ? { targetName: role.resourceDisplayName } : {}),
});

const keyOf = ({ resourceId, appRoleId }: DetailItem): string => `${resourceId} ${appRoleId}`;

/**
 * Methods of users that were made anew: an undeleted user has kept them (R50). Registered again only where the request says so and Graph lets
 * an app; all others are named.
 */
export async function gatherMethods(context: JobContext, subjects: readonly LinkSubject[]): Promise<LinkStep[]> {
  const anew = subjects.filter(({ id, liveId, state }) => state === 'new' || id !== liveId);
  const asked = context.request.newUsers.authenticationMethods;
  const found = await wantedOf(context, anew, 'authenticationMethods', { readLive: asked });
  return found.flatMap(({ subject, wanted, live }) => {
    if ('reason' in live) return [unreadStep(subject, 'authenticationMethods', live)];
    return (
      wanted
        .filter((method) => !live.some((has) => sameMethod(has, method)))
        // A mobile phone must be there before an alternate one.
        .sort((one, other) => Number(isAlternate(one)) - Number(isAlternate(other)))
        .map((method): LinkStep => {
          const can = asked && registrationOf(method) !== undefined;
          return {
            act: can ? 'auth-method' : 'skip',
            ...(can ? { method } : { reason: reasonOf(method) }),
            ...common(subject, 'authenticationMethods'),
            target: method.id,
            targetId: method.id,
            targetName: method.type,
          };
        })
    );
  });
}

/** What holds a key of its own was never told to anybody. */
const reasonOf = (method: DetailItem): Reason =>
  isRegistrable(method) ? 'auth-method-not-restorable' : 'secret-not-restorable';

const isAlternate = ({ phoneType }: DetailItem): boolean => phoneType === 'alternateMobile';

const common = ({ origin, liveId }: LinkSubject, name: UserDetail) => ({ origin, name, source: liveId });

/** Users of whom the snapshot has items (`ofAll`: or live may have), with what live has; that is asked for these alone. */
async function wantedOf(
  context: JobContext,
  subjects: readonly LinkSubject[],
  detail: UserDetail,
  { readLive = true, ofAll = false },
): Promise<{ subject: LinkSubject; wanted: readonly DetailItem[]; live: readonly DetailItem[] | Unread }[]> {
  const users = subjects.filter(({ kind, state }) => kind === 'users' && state !== 'deleted');
  if (users.length === 0 || !wantsLinks(context, detail) || !context.reader.has(detail)) return [];
  const stored = await context.reader.details(
    detail,
    users.map(({ id }) => id),
  );
  const asked = users.filter(({ id }) => ofAll || (stored.get(id) ?? []).length > 0);
  const living = readLive ? asked.filter(({ state }) => state !== 'new') : [];
  const found = await apart<LinkSubject, readonly [Id, readonly DetailItem[] | Unread]>(
    context,
    living,
    async (some) => {
      const all = await context.gateway.readUserDetails(
        detail,
        some.map(({ liveId }) => liveId),
      );
      return some.map(({ id }, index) => [id, all[index] ?? []]);
    },
    ({ id }, why) => [[id, why]],
  );
  const live = new Map(found);
  return asked.map((subject) => ({
    subject,
    wanted: stored.get(subject.id) ?? [],
    live: live.get(subject.id) ?? [],
  }));
}
