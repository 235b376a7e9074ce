/** Photos of users: metadata and bytes, outside the directory (graph-facts 3.3). */
import { createHash } from 'node:crypto';
import { badRequest, GraphError, imageNotFound } from '../errors.ts';
import { allowOptions } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, param, type Route } from '../request.ts';
import type { Row } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { findLive, findReadable } from './lookup.ts';

/** Photos answer 200 with nothing in it, not 204 (L:api/profilephoto-update, profilephoto-delete). */
const done: GraphResponse = { status: 200, headers: {}, body: undefined };

const mostBytes = 4 * 1024 * 1024;

export const photoRoutes: readonly Route[] = [
  { method: 'GET', template: '/users/{id}/photo', handle: (call) => describe(call, requirePhoto(call)) },
  { method: 'GET', template: '/users/{id}/photo/$value', handle: (call) => bytes(requirePhoto(call)) },
  {
    method: 'GET',
    template: '/users/{id}/photos',
    handle: (call) => {
      const photo = call.tenant.row('photo', findReadable(call, 'user', param(call, 0)).id);
      return json({
        '@odata.context': contextUrl('users/photos'),
        value: photo === undefined ? [] : [metadata(photo)],
      });
    },
  },
  { method: 'GET', template: '/users/{id}/photos/{id}', handle: (call) => describe(call, requireSize(call)) },
  { method: 'GET', template: '/users/{id}/photos/{id}/$value', handle: (call) => bytes(requireSize(call)) },
  { method: 'PUT', template: '/users/{id}/photo/$value', handle: write },
  { method: 'PATCH', template: '/users/{id}/photo/$value', handle: write },
  {
    method: 'DELETE',
    template: '/users/{id}/photo/$value',
    handle: (call) => {
      const user = findLive(call, 'user', param(call, 0));
      if (call.tenant.row('photo', user.id) === undefined) throw imageNotFound();
      call.tenant.transact(() => call.tenant.remove('photo', user.id));
      return done;
    },
  },
];

/** Keeps a picture for a user. Inside a transaction or a fill. Throws 400 for bytes that are no JPEG or PNG. */
export function putPhoto(tenant: Tenant, userId: string, content: Uint8Array): void {
  const size = sizeOf(content);
  if (size === null) throw badRequest('The photo is not a JPEG or PNG image.');
  const etag = createHash('sha256').update(content).digest('hex').slice(0, 32);
  tenant.put('photo', userId, { ...size, etag, base64: Buffer.from(content).toString('base64') });
}

function requirePhoto(call: Call): Row {
  allowOptions(call, []);
  const user = findReadable(call, 'user', param(call, 0));
  const photo = call.tenant.row('photo', user.id);
  if (photo === undefined) throw imageNotFound();
  return photo;
}

/** Only the size that is there: this simulator scales no pictures. */
function requireSize(call: Call): Row {
  const photo = requirePhoto(call);
  if (param(call, 1).toLowerCase() !== `${photo.width}x${photo.height}`) throw imageNotFound();
  return photo;
}

const metadata = (photo: Row): object => ({
  '@odata.mediaContentType': photo.type,
  '@odata.mediaEtag': `"${photo.etag}"`,
  id: `${photo.width}x${photo.height}`,
  height: photo.height,
  width: photo.width,
});

function describe(call: Call, photo: Row): GraphResponse {
  return json({ '@odata.context': contextUrl(`users('${param(call, 0)}')/photo/$entity`), ...metadata(photo) });
}

function bytes(photo: Row): GraphResponse {
  return {
    status: 200,
    headers: { 'Content-Type': String(photo.type), ETag: `"${photo.etag}"` },
    body: Buffer.from(String(photo.base64), 'base64'),
  };
}

function write(call: Call): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  const { body } = call;
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw badRequest('The photo is missing, or its content type is not image/jpeg.');
  if (body.length > mostBytes) throw new GraphError(413, 'RequestEntityTooLarge', 'The photo is larger than 4 MB.');
  call.tenant.transact(() => putPhoto(call.tenant, user.id, body));
  return done;
}

function sizeOf(content: Uint8Array): { width: number; height: number; type: string } | null {
  const image = Buffer.from(content);
  if (image.length > 24 && image.readUInt32BE(0) === 0x89504e47) {
    return { width: image.readUInt32BE(16), height: image.readUInt32BE(20), type: 'image/png' };
  }
  if (image.length < 4 || image.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < image.length; ) {
    if (image[at] !== 0xff) return { width: 1, height: 1, type: 'image/jpeg' };
    const marker = image[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: image.readUInt16BE(at + 7), height: image.readUInt16BE(at + 5), type: 'image/jpeg' };
    }
    at += 2 + image.readUInt16BE(at + 2);
  }
  return { width: 1, height: 1, type: 'image/jpeg' };
}
