/** An administrator's word that a suspect snapshot is right: from then on it counts as any other complete one. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { layout } from '../snapshot/layout.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { getJson } from '../storage/json-blob.ts';
import { callerOf } from './caller.ts';
import { type Handle, json } from './handling.ts';
import { bodyOf, checked, pathPart } from './input.ts';

export interface Acceptance {
  readonly snapshotId: string;
  readonly requestedBy: string;
  readonly createdDateTime: string;
}

/** Said again, the first word stands. */
export const acceptSnapshot =
  ({ connectors, bucket, clock }: Services): Handle =>
  async (request, context) => {
    const { id: connectorId } = await connectors.get(pathPart(request, 'connectorId'));
    checked(z.strictObject({}), await bodyOf(request, {}), 'body');
    const choice = pathPart(request, 'snapshotId');
    const { id, suspect } = await createSnapshotStore(bucket, connectorId).resolve(choice);
    if (suspect === undefined)
      throw new AppError('conflict', `Snapshot ${id} is not suspect: there is nothing to accept.`);
    const word: Acceptance = {
      snapshotId: id,
      requestedBy: callerOf(request),
      createdDateTime: clock().toISOString(),
    };
    const name = layout.accepted(connectorId, id);
    if (await bucket.putIfAbsent(name, Buffer.from(JSON.stringify(word))))
      context.log(`audit: the suspect snapshot ${id} was accepted by ${word.requestedBy}`);
    return json((await getJson<Acceptance>(bucket, name)) ?? word);
  };
