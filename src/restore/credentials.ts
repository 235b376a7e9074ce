/**
 * Passwords of recreated users (R27, R28). A password is drawn once per user and job, sealed before it is sent, and handed out once;
 * it is never in a log, a status, a report, or in what durable functions store. Without a key nothing is kept: then the follow-up
 * is to reset it.
 */
import { randomInt } from 'node:crypto';
import type { Id } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import type { Bucket } from '../storage/bucket.ts';
import type { SecretBox } from '../storage/secret-box.ts';
import { type JobInput, layout } from './layout.ts';

/** An uncollected password is told no more after this. */
const keptMs = 7 * 24 * 60 * 60_000;

interface Kept {
  readonly password: string;
  readonly createdDateTime: string;
}

export interface Vault {
  readonly bucket: Bucket;
  readonly secrets: SecretBox | undefined;
}

/** The password to create a user with: the same on every try, since an earlier one may have reached Graph. */
export async function passwordFor({ bucket, secrets }: Vault, job: JobInput, id: Id, now: Date): Promise<string> {
  if (secrets === undefined) return randomPassword();
  const name = layout.credential(job, id);
  const found = await bucket.get(name);
  if (found !== undefined) return (JSON.parse(secrets.open(found, name)) as Kept).password;
  const kept: Kept = { password: randomPassword(), createdDateTime: now.toISOString() };
  const mine = await bucket.putIfAbsent(name, secrets.seal(JSON.stringify(kept), name));
  return mine ? kept.password : passwordFor({ bucket, secrets }, job, id, now);
}

/** Lets the password be asked for by the user's new id too. */
export const noteNewId = ({ bucket }: Vault, job: JobInput, id: Id, newId: Id): Promise<void> =>
  bucket.put(layout.credentialOwner(job, newId), Buffer.from(id));

/** Keeps the password that a request supplied, out of the request. @throws AppError `unsupported` without a key. */
export async function keepSupplied({ bucket, secrets }: Vault, job: JobInput, password: string): Promise<void> {
  if (secrets === undefined) {
    const message =
      'This deployment has no CREDENTIAL_KEY, so it cannot keep a supplied password safe. Set one, or use "random".';
    throw new AppError('unsupported', message);
  }
  const name = layout.credential(job, 'supplied');
  await bucket.put(name, secrets.seal(password, name));
}

export async function suppliedPassword({ bucket, secrets }: Vault, job: JobInput): Promise<string> {
  const name = layout.credential(job, 'supplied');
  const found = await bucket.get(name);
  if (found === undefined || secrets === undefined)
    throw new AppError('internal', 'The supplied password is not kept any more.');
  return secrets.open(found, name);
}

/** Keeps a Temporary Access Pass until it is collected; a later one takes its place, as it does in Entra. */
export async function keepPass(
  { bucket, secrets }: Vault,
  job: JobInput,
  id: Id,
  pass: string,
  now: Date,
): Promise<void> {
  if (secrets === undefined) throw new AppError('unsupported', 'Without a CREDENTIAL_KEY no pass can be kept.');
  const name = layout.pass(job, id);
  const kept: Kept = { password: pass, createdDateTime: now.toISOString() };
  await bucket.put(name, secrets.seal(JSON.stringify(kept), name));
}

export interface Credentials {
  readonly password?: string;
  readonly temporaryAccessPass?: string;
}

/**
 * Hands out what a recreated user can sign in with, once.
 * @param userId the user's new or old object id.
 * @throws AppError `not-found` where the job made nothing for that user, `gone` when it was collected or has expired.
 */
export async function collectCredentials(
  { bucket, secrets }: Vault,
  job: JobInput,
  userId: Id,
  now: Date,
): Promise<Credentials> {
  const owner = await bucket.get(layout.credentialOwner(job, userId));
  const id = owner === undefined ? userId : Buffer.from(owner).toString('utf8');
  const kept = await Promise.all(
    [layout.credential(job, id), layout.pass(job, id)].map((name) => takeOnce({ bucket, secrets }, name, now)),
  );
  const [password, pass] = kept.map((one) => (one === 'none' || one === 'gone' ? undefined : one.password));
  if (password === undefined && pass === undefined) {
    if (kept.includes('gone'))
      throw new AppError('gone', 'This password was collected already, or has expired. Reset it in Entra.');
    throw new AppError('not-found', `Job ${job.jobId} keeps no password for this user.`);
  }
  return {
    ...(password === undefined ? {} : { password }),
    ...(pass === undefined ? {} : { temporaryAccessPass: pass }),
  };
}

/** Opens a sealed secret and lets nobody have it again. */
async function takeOnce({ bucket, secrets }: Vault, name: string, now: Date): Promise<Kept | 'none' | 'gone'> {
  const found = await bucket.get(name);
  const collected = layout.credentialCollected(name);
  if (found === undefined) return (await bucket.exists(collected)) ? 'gone' : 'none';
  if (secrets === undefined)
    throw new AppError('internal', 'The key that sealed this password is not set any more. Reset the password.');
  const kept = JSON.parse(secrets.open(found, name)) as Kept;
  const first = await bucket.putIfAbsent(collected, Buffer.from(now.toISOString()));
  await bucket.delete(name);
  return first && now.getTime() - Date.parse(kept.createdDateTime) <= keptMs ? kept : 'gone';
}

const alphabets = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#%+:=?@_-'] as const;

/** 32 characters, each alphabet present: about 190 bits, and within every complexity rule of Entra. */
export function randomPassword(): string {
  const every = alphabets.join('');
  const drawn = [...alphabets, ...Array.from({ length: 28 }, () => every)].map((from) =>
    from.charAt(randomInt(from.length)),
  );
  for (let left = drawn.length - 1; left > 0; left -= 1) {
    const right = randomInt(left + 1);
    [drawn[left], drawn[right]] = [drawn[right] ?? '', drawn[left] ?? ''];
  }
  return drawn.join('');
}
