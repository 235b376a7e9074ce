/** Licences of a chunk of restored objects: what live has, what the pure rules make of it. Writes nothing. */
import type { JsonObject } from '../directory/record.ts';
import { type Unread, unreadStep, whyUnread } from './apart.ts';
import { type JobContext, wantsAttribute, wantsLinks } from './job-context.ts';
import { groupsGiving, licenceSteps, licencesOf } from './licences.ts';
import type { LinkStep, LinkSubject } from './links.ts';

const lastSeen = new WeakMap<JobContext, Seats>();

type Seats = ReadonlyMap<string, number>;

/** Free seats per SKU, as the last chunk that was planned has seen them; undefined where none has. */
export const seatsSeen = (context: JobContext): Seats | undefined => lastSeen.get(context);

async function seatsNow(context: JobContext): Promise<Seats | Unread> {
  try {
    const seats = await context.gateway.readSeats();
    lastSeen.set(context, seats);
    return seats;
  } catch (error) {
    return whyUnread(context, error);
  }
}

/** @param subjects of one kind. */
export async function gatherLicences(context: JobContext, subjects: readonly LinkSubject[]): Promise<LinkStep[]> {
  const [kind] = subjects.map((subject) => subject.kind);
  if ((kind !== 'users' && kind !== 'groups') || !wantsLinks(context, 'licenses') || !context.reader.has(kind))
    return [];
  const records = await context.reader.records(
    kind,
    subjects.map(({ id }) => id),
  );
  const licensed = subjects.filter(({ id, body }) =>
    [records.get(id)?.body, body].some((side) => side !== undefined && hasLicences(side)),
  );
  if (licensed.length === 0) return [];
  const seats = await seatsNow(context);
  if ('reason' in seats) return licensed.map((subject) => unreadStep(subject, 'licenses', seats));
  const names = await productNames(context);
  // A list may not show yet what was written a moment ago; what nobody writes it will never show.
  const isWritten = ({ state }: LinkSubject) => state === 'new' || wantsAttribute(context, 'usageLocation');
  return licensed.flatMap((subject) => {
    const record = records.get(subject.id);
    const live = subject.state === 'new' ? {} : subject.body;
    const steps = licenceSteps(licencesOf(record?.body ?? {}), licencesOf(live), seats, {
      usageLocation: subject.body.usageLocation ?? (isWritten(subject) ? record?.body.usageLocation : null) ?? null,
      needsLocation: kind === 'users',
      mode: context.request.links,
    });
    return steps.map(
      (step): LinkStep => ({
        act: step.act === 'skip' ? 'skip' : step.act === 'license' ? 'license' : 'unlink',
        origin: subject.origin,
        name: 'licenses',
        sourceKind: kind,
        source: subject.liveId,
        target: step.skuId,
        targetId: step.skuId,
        ...(names.has(step.skuId) ? { targetName: names.get(step.skuId) ?? '' } : {}),
        disabledPlans: step.disabledPlans,
        ...(step.replacesPlans === undefined ? {} : { replacesPlans: step.replacesPlans }),
        ...(step.reason === undefined ? {} : { reason: step.reason }),
        ...(step.reason === 'licence-inherited' ? { givenBy: groupsGiving(step.skuId, record?.body ?? {}) } : {}),
      }),
    );
  });
}

/** SKU id -> part number, as the snapshot has them. */
async function productNames({ reader }: JobContext): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (!reader.has('subscribedSkus')) return names;
  for await (const { body } of reader.scan('subscribedSkus')) names.set(String(body.skuId), String(body.skuPartNumber));
  return names;
}

const hasLicences = (body: JsonObject) => licencesOf(body).direct.length + licencesOf(body).inherited.length > 0;
