/** Looking into snapshots. Nothing here asks Graph. */
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { KindName } from '../directory/kinds.ts';
import { AppError } from '../errors.ts';
import { heldIds } from '../restore/held-ids.ts';
import type { Services } from '../services.ts';
import { browseKind, findObject } from '../snapshot/browse.ts';
import { describeObject } from '../snapshot/describe.ts';
import { createSnapshotStore, type SnapshotReader } from '../snapshot/store.ts';
import { type Handle, json, nextLink } from './handling.ts';
import { cursor, kindOfPath, pathPart, queryOf, top } from './input.ts';

export const browse =
  (services: Services): Handle =>
  async (request) => {
    const { reader, kind } = await opened(services, request);
    const { search, ...page } = queryOf(request, { search: z.string().max(200).optional(), top, cursor });
    const found = await browseKind(reader, kind, {
      top: page.top,
      ...(search === undefined ? {} : { search }),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    });
    return json({ value: found.value, ...nextLink(request, found.cursor) });
  };

export const getObject =
  (services: Services): Handle =>
  async (request) => {
    const { reader, kind, name } = await openedAt(services, request);
    const record = await findObject(reader, kind, name);
    return json(await describeObject(reader, kind, record));
  };

export const getPhoto =
  (services: Services): Handle =>
  async (request) => {
    const { reader, kind, name } = await openedAt(services, request);
    const { id } = await findObject(reader, kind, name);
    const photo = kind === 'users' ? await reader.photo(id) : undefined;
    if (photo === undefined)
      throw new AppError('not-found', `Snapshot ${reader.manifest.id} holds no photo of this object.`);
    const body = await reader.photoBytes(photo.sha256);
    const headers = {
      'content-type': photo.contentType,
      'x-content-type-options': 'nosniff',
      etag: `"${photo.sha256}"`,
    };
    return { status: 200, headers, body };
  };

export const noSuchRoute: Handle = async (request) => {
  throw new AppError(
    'not-found',
    `There is no ${request.method} ${new URL(request.url).pathname}. The README lists the routes.`,
  );
};

async function opened(services: Services, request: HttpRequest): Promise<{ reader: SnapshotReader; kind: KindName }> {
  const connectorId = pathPart(request, 'connectorId');
  await services.connectors.get(connectorId);
  const kind = kindOfPath(request);
  const store = createSnapshotStore(services.bucket, connectorId);
  return { reader: store.open(await store.resolve(pathPart(request, 'snapshotId'))), kind };
}

/** The same for one object, which may be named by any id it ever had. */
async function openedAt(services: Services, request: HttpRequest) {
  const { reader, kind } = await opened(services, request);
  const asked = pathPart(request, 'objectId');
  const heldId = await heldIds(services.jobs, pathPart(request, 'connectorId'), reader, kind, [asked]);
  return { reader, kind, name: heldId(asked) };
}
