/**
 * The live directory as if a snapshot had been taken of it now: read on from a snapshot's delta links by the very steps of a snapshot, kept for
 * an hour, and never one of the snapshots. So "with live" compares two things of one kind.
 *
 * What leaves no delta record (a native recovery, R61) it does not see, as no incremental snapshot does.
 */
import { randomBytes } from 'node:crypto';
import { AppError, isAppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { putJson } from '../storage/json-blob.ts';
import { cursorOf, type SnapshotActivities } from './activities.ts';
import { extensionsIn } from './extensions.ts';
import { layout, type SnapshotJob } from './layout.ts';
import { type Manifest, type Missing, manifestBytes, manifestHash, parseManifest } from './manifest.ts';
import { dueOf } from './rolling.ts';
import { buildManifest } from './sealing.ts';
import { continuing, deleteAll, keptOf, type Start, scopeOf } from './staging.ts';

/** Views older than this are swept when the next one is taken. */
const keptMs = 3_600_000;
/** A caller waits for the answer, and Azure cuts requests off after 230 s: past this no further step is begun. */
const mostMs = 150_000;

const viewId = (now: number, suffix = ''): string =>
  `view-${new Date(now).toISOString().replace(/[-:.]/g, '')}${suffix}`;

/**
 * @param parent the snapshot to read on from.
 * @throws AppError as the gateway; `conflict` when so much has changed that one request cannot read it.
 */
export async function takeView(
  services: Services,
  activities: SnapshotActivities,
  connectorId: string,
  parent: Manifest,
): Promise<Manifest> {
  const { bucket, clock } = services;
  const begun = clock().getTime();
  await sweep(services, connectorId, begun - keptMs);
  const job = { connectorId, jobId: viewId(begun, `-${randomBytes(4).toString('hex')}`), area: 'views' } as const;
  const scope = scopeOf(await services.connectors.get(connectorId));
  const extensions = extensionsIn(parent);
  const cursors = scope.sources.flatMap((source) => cursorOf(parent, source, extensions));
  const { sources, carried, ...going } = continuing(scope, parent, Object.fromEntries(cursors), clock());
  const start: Start = {
    mode: 'incremental',
    createdDateTime: new Date(begun).toISOString(),
    parent: { id: parent.id, sha256: manifestHash(manifestBytes(parent)) },
    ...scope,
    due: dueOf(parent, keptOf(scope)),
    // What an app has added since, the parent cannot be compared with.
    extensions,
    missing: [],
    ...going,
    // Who compares wants to see what is there now.
    sources: [...sources, ...carried],
    carried: [],
  };
  await putJson(bucket, layout.start(job), start);
  try {
    const inTime = () => {
      if (clock().getTime() - begun > mostMs) throw tooLong();
    };
    const missing = await readAll(activities, job, start.sources, inTime);
    for (const brought of ['pages', 'answers'] as const) {
      for (const { stream, parts } of await activities.planFolds({ ...job, missing, of: brought })) {
        for (let part = 0; part < parts; part += 1) {
          inTime();
          await activities.foldStream({ ...job, stream, part });
        }
      }
    }
    const manifest = await buildManifest(services, job, parent, missing);
    await bucket.putIfAbsent(layout.view(connectorId, job.jobId), manifestBytes(manifest));
    return manifest;
  } finally {
    await deleteAll(bucket, layout.staging(job));
  }
}

const tooLong = () =>
  new AppError(
    'conflict',
    'Too much has changed since this snapshot to read it within one request. Take a snapshot and compare with that.',
  );

/** Sources side by side, then what only per-user calls tell; answers what could not be read. */
async function readAll(
  activities: SnapshotActivities,
  job: SnapshotJob,
  sources: Start['sources'],
  inTime: () => void,
): Promise<Missing[]> {
  const missing: Missing[] = [];
  const attempt = async (kind: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isAppError(error, 'forbidden', 'refused', 'unsupported', 'token-expired')) throw error;
      missing.push({ kind, code: error.code, message: error.message });
    }
  };
  await Promise.all(
    sources.map((source) =>
      attempt(source, async () => {
        for (let seq = 0, done = false; !done; seq += 1) {
          inTime();
          ({ done } = await activities.stagePages({ ...job, source, seq }));
        }
      }),
    ),
  );
  await activities.settleManagers({ ...job, missing });
  if (missing.some(({ kind }) => kind === 'users')) return missing;
  const { ranges, asked } = await activities.planUserDetails(job);
  for (const [seq, range] of ranges.entries()) {
    for (const one of [...asked.reading, ...asked.folding]) {
      inTime();
      await attempt(one, () => activities.askUsers({ ...job, ...range, seq, asked: one }));
    }
  }
  return missing;
}

/** A view that was taken before, for further pages of one answer; undefined once it is swept. */
export async function readView({ bucket }: Services, connectorId: string, id: string): Promise<Manifest | undefined> {
  if (!/^view-[0-9TZ]+-[0-9a-f]{8}$/.test(id)) return undefined;
  const bytes = await bucket.get(layout.view(connectorId, id));
  return bytes === undefined ? undefined : parseManifest(bytes, id);
}

const sweep = ({ bucket }: Services, connectorId: string, before: number): Promise<void> => {
  const prefix = layout.views(connectorId);
  const oldest = viewId(before);
  return deleteAll(bucket, prefix, (name) => name.slice(prefix.length) >= oldest);
};
