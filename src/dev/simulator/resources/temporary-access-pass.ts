/** Temporary Access Passes: a code shown once, usable for some minutes from a start on (L:api/resources/temporaryaccesspassauthenticationmethod). */
import { randomBytes } from 'node:crypto';
import { graphTime } from '../tenant/clock.ts';
import type { Row } from '../tenant/entity.ts';

/** Short Graph type. */
export const passType = 'temporaryAccessPassAuthenticationMethod';

const [shortest, longest, usual] = [10, 43_200, 60];

/** A pass as kept, from what was asked for. `refused` makes the error for a lifetime out of bounds. */
export function newPass(asked: Row, nowMs: number, refused: (message: string) => Error): Row {
  const { startDateTime, isUsableOnce } = asked;
  const lifetimeInMinutes = (asked.lifetimeInMinutes ?? usual) as number;
  if (lifetimeInMinutes < shortest || lifetimeInMinutes > longest) {
    throw refused(`Invalid LifetimeInMinutes specified. The valid range between ${shortest} and ${longest}.`);
  }
  return {
    '@odata.type': asked['@odata.type'],
    id: asked.id,
    temporaryAccessPass: randomBytes(6).toString('base64'),
    createdDateTime: graphTime(nowMs),
    startDateTime: graphTime(typeof startDateTime === 'string' ? Date.parse(startDateTime) : nowMs),
    lifetimeInMinutes,
    isUsableOnce: isUsableOnce ?? false,
  };
}

/** A pass as reads show it: without its code, and whether it can be used at this time. */
export function showPass(pass: Row, nowMs: number): Row {
  const startMs = Date.parse(String(pass.startDateTime));
  const endMs = startMs + Number(pass.lifetimeInMinutes) * 60_000;
  const reason = nowMs < startMs ? 'NotYetValid' : nowMs >= endMs ? 'Expired' : 'EnabledByPolicy';
  return {
    ...pass,
    temporaryAccessPass: null,
    isUsable: reason === 'EnabledByPolicy',
    methodUsabilityReason: reason,
  };
}
