/** Looking into snapshots: kinds, objects, photos. And what no other route answers. */
import { app } from '@azure/functions';
import { browse, getObject, getPhoto, noSuchRoute } from '../src/api/catalogue.ts';
import { handling } from '../src/api/handling.ts';
import { services } from '../src/app/app.ts';

const snapshot = 'connectors/{connectorId}/snapshots/{snapshotId}';
const read = { methods: ['GET' as const], authLevel: 'function' as const };

app.http('browseKind', { route: `${snapshot}/{kind}`, ...read, handler: handling(browse(services)) });
app.http('getObject', { route: `${snapshot}/{kind}/{objectId}`, ...read, handler: handling(getObject(services)) });
app.http('getPhoto', { route: `${snapshot}/{kind}/{objectId}/photo`, ...read, handler: handling(getPhoto(services)) });

app.http('noSuchRoute', {
  route: '{*path}',
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'function',
  handler: handling(noSuchRoute),
});
