/** The links that live objects have now, and steps that name those which nobody could read. */
import type { LinksOf } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { apart, type Unread, unreadStep, whyUnread } from './apart.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import { type LinkStep, type LinkSubject, viewsOf } from './links.ts';

interface LiveLinks {
  readonly live: ReadonlyMap<Id, LinksOf | undefined>;
  /** A step for each name of links that could not be read. */
  readonly unread: readonly LinkStep[];
}

interface Asked {
  readonly subject: LinkSubject;
  readonly names: readonly string[];
}

export async function liveLinks(context: JobContext, subjects: readonly LinkSubject[]): Promise<LiveLinks> {
  const asked = subjects
    .filter(({ state }) => state === 'live')
    .map((subject): Asked => {
      const { kind, id, liveId } = subject;
      const views = viewsOf(kind).filter(
        ({ name, onlyForNewId }) => (!onlyForNewId || id !== liveId) && wantsLinks(context, name),
      );
      return { subject, names: views.map(({ name }) => name) };
    });
  try {
    return { live: new Map(await read(context, asked)), unread: [] };
  } catch (error) {
    await whyUnread(context, error);
    return eachName(context, asked);
  }
}

async function read({ gateway }: JobContext, some: readonly Asked[]): Promise<[Id, LinksOf | undefined][]> {
  const found = await gateway.readLinks(
    some.map(({ subject: { kind, liveId }, names }) => ({ kind, id: liveId, names })),
  );
  return some.map(({ subject }, index) => [subject.id, found[index]]);
}

/** It may be one object that is not to be read, or one kind of links of all of them: each name of each is asked for by itself. */
async function eachName(context: JobContext, asked: readonly Asked[]): Promise<LiveLinks> {
  const unread: LinkStep[] = [];
  const leaveOut = ({ subject, names }: Asked, why: Unread) => {
    unread.push(...names.map((name) => unreadStep(subject, name, why)));
    return [];
  };
  const single = asked.flatMap(({ subject, names }) => names.map((name) => ({ subject, names: [name] })));
  const found = await Promise.all(single.map((one) => apart(context, [one], (some) => read(context, some), leaveOut)));
  const byId = Map.groupBy(found.flat(), ([id]) => id);
  const live = [...byId].map(([id, parts]): [Id, LinksOf | undefined] => {
    const links = parts.map(([, some]) => some);
    return [id, links.every((some) => some === undefined) ? undefined : Object.assign({}, ...links)];
  });
  return { live: new Map(live), unread };
}
