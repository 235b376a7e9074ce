/** The links that live objects have now, and steps that name those which nobody could read. */
import type { LinksOf } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { apart, type Unread, unreadStep } from './apart.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import { type LinkStep, type LinkSubject, viewsOf } from './links.ts';

interface LiveLinks {
  readonly live: ReadonlyMap<Id, LinksOf | undefined>;
  /** A step for each name of links that could not be read. */
  readonly unread: readonly LinkStep[];
}

export async function liveLinks(context: JobContext, subjects: readonly LinkSubject[]): Promise<LiveLinks> {
  type Asked = { readonly subject: LinkSubject; readonly names: readonly string[] };
  const asked = subjects
    .filter(({ state }) => state === 'live')
    .map((subject): Asked => {
      const { kind, id, liveId } = subject;
      const views = viewsOf(kind).filter(
        ({ name, onlyForNewId }) => (!onlyForNewId || id !== liveId) && wantsLinks(context, name),
      );
      return { subject, names: views.map(({ name }) => name) };
    });
  const unread: LinkStep[] = [];
  const read = async (some: readonly Asked[]) => {
    const found = await context.gateway.readLinks(
      some.map(({ subject: { kind, liveId }, names }) => ({ kind, id: liveId, names })),
    );
    return some.map(({ subject }, index) => [subject.id, found[index]] as const);
  };
  const leaveOut = ({ subject, names }: Asked, why: Unread) => {
    unread.push(...names.map((name) => unreadStep(subject, name, why)));
    return [];
  };
  const found = await apart(context, asked, read, async (one, why) => {
    // Held back for too long is all of the object; what is refused may be one kind of its links.
    if (why.reason === 'throttled-gave-up') return leaveOut(one, why);
    const each = one.names.map((name) => ({ ...one, names: [name] }));
    const parts = await Promise.all(each.map((part) => apart(context, [part], read, leaveOut)));
    const links = parts.flat().map(([, some]) => some);
    const isGone = links.length > 0 && links.every((some) => some === undefined);
    return [[one.subject.id, isGone ? undefined : Object.assign({}, ...links)] as const];
  });
  return { live: new Map(found), unread };
}
