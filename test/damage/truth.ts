/** Whether a reason holds: what it says stood in the way must stand in the way still when all is done. */
import type { Facts } from './facts.ts';
import type { Thing } from './told.ts';

/** @returns what gives the lie to it; undefined where it holds, or where a dump cannot tell. */
export function untruth({ id, name, target, reason }: Thing, before: Facts, after: Facts): string | undefined {
  const now = (attribute: string, of = id): string | undefined => after.get(`attribute|${of}|${attribute}`);
  const unless = (holds: boolean, words: string): string | undefined => (holds ? undefined : words);
  switch (reason) {
    case 'name-conflict': {
      const attribute = name ?? 'userPrincipalName';
      const wanted = before.get(`attribute|${id}|${attribute}`);
      if (wanted === undefined) return undefined;
      const isHeld = [...after].some(
        ([key, value]) =>
          value.toLowerCase() === wanted.toLowerCase() && key.endsWith(`|${attribute}`) && !key.includes(id),
      );
      return unless(isHeld, 'nobody else holds that name');
    }
    case 'linked-object-missing':
      return unless(
        target === undefined || name?.endsWith('oleAssignments') === true || !after.has(`lives|${target}`),
        'the other end is there',
      );
    case 'user-on-premises-attribute':
      return unless(
        [id, target].some((one) => one !== undefined && now('onPremisesSyncEnabled', one) === 'true'),
        'the user is not synced',
      );
    case 'group-on-premises':
      return unless(
        [id, target].some(
          (one) => (one !== undefined && now('onPremisesSyncEnabled', one) === 'true') || !after.has(`lives|${one}`),
        ),
        'the group is not synced',
      );
    case 'group-dynamic':
      return unless(
        [id, target].some((one) => one !== undefined && now('membershipRule', one) !== undefined),
        'no rule fills the group',
      );
    default:
      return undefined;
  }
}
