/** Looking into snapshots: kinds, objects, photos, comparisons, versions. And what no other route answers. */
import { app } from '@azure/functions';
import { browse, getObject, getPhoto, noSuchRoute } from '../src/api/catalogue.ts';
import { compareAll, compareOne, listVersions } from '../src/api/compare.ts';
import { handling } from '../src/api/handling.ts';
import { services } from '../src/app/app.ts';

const snapshot = 'connectors/{connectorId}/snapshots/{snapshotId}';
const read = { methods: ['GET' as const], authLevel: 'function' as const };

app.http('browseKind', { route: `${snapshot}/{kind}`, ...read, handler: handling(browse(services)) });
app.http('getObject', { route: `${snapshot}/{kind}/{objectId}`, ...read, handler: handling(getObject(services)) });
app.http('getPhoto', { route: `${snapshot}/{kind}/{objectId}/photo`, ...read, handler: handling(getPhoto(services)) });

app.http('compareSnapshot', { route: `${snapshot}/compare`, ...read, handler: handling(compareAll(services)) });
app.http('compareObject', {
  route: `${snapshot}/{kind}/{objectId}/compare`,
  ...read,
  handler: handling(compareOne(services)),
});

app.http('listVersions', {
  route: `${snapshot}/{kind}/{objectId}/versions`,
  ...read,
  handler: handling(listVersions(services)),
});

app.http('noSuchRoute', {
  route: '{*path}',
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'function',
  handler: handling(noSuchRoute),
});
