/** Whose data key seals what is written: that of the job whose work this is. Set once where an activity begins, read where a blob is written. */
import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<string>();

/** Runs work whose blobs are sealed with the key of this id. */
export const sealingWith = <T>(keyId: string, work: () => T): T => scope.run(keyId, work);

/** Outside of any job: the key of the day. */
export const keyInForce = (now: Date): string => scope.getStore() ?? `day-${now.toISOString().slice(0, 10)}`;
