/**
 * The closed list of reasons a thing was not restored (restore-semantics 9). A reason marked incomplete means that something
 * the snapshot holds is not there now; the others are facts of life that an admin need not act on.
 */
const incomplete = [
  'linked-object-missing',
  'mail-enabled-group-not-writable',
  'group-on-premises',
  'user-on-premises-attribute',
  'privileged-needs-app-role',
  'licence-no-seats',
  'licence-unknown-sku',
  'usage-location-missing',
  'attribute-rejected',
  'name-conflict',
  'proxy-conflict',
  'anchor-conflict',
  'ambiguous-match',
  'exists-skip-mode',
  'not-in-snapshot',
  'restricted-admin-unit',
  'not-tried',
  'throttled-gave-up',
  'verification-mismatch',
  'plan-drift',
  'graph-error',
] as const;

const harmless = [
  'group-dynamic',
  'role-expired',
  'role-builtin-not-creatable',
  'licence-inherited',
  'attribute-read-only',
  'attribute-unsupported',
  'auth-method-not-restorable',
  'secret-not-restorable',
  'not-captured-by-snapshot',
] as const;

export type Reason = (typeof incomplete)[number] | (typeof harmless)[number];

export const reasons: readonly Reason[] = [...incomplete, ...harmless];

export const makesIncomplete = (reason: Reason | undefined): boolean =>
  reason !== undefined && (incomplete as readonly string[]).includes(reason);

/** What each reason means for the admin, and what to do. */
export const advice: Readonly<Record<Reason, string>> = {
  'linked-object-missing':
    'the other end of the link is gone. Restore it too, in this job or a later one, then this object again.',
  'mail-enabled-group-not-writable':
    'only Exchange can write distribution and mail-enabled security groups. Add the member there.',
  'group-on-premises': 'the group is synced. Change it in Active Directory.',
  'user-on-premises-attribute':
    'the user is synced. The value comes from Active Directory with the next synchronization.',
  'privileged-needs-app-role':
    'only an app with a higher directory role may do this to a privileged user or group. Give the app one for the time of the restore, then restore again.',
  'licence-no-seats': 'no seat is free. Buy or free one, then restore again.',
  'licence-unknown-sku': 'the tenant no longer owns this product. Assign another one by hand.',
  'usage-location-missing':
    'a licence needs a usage location, and neither the snapshot nor the user has one. Set it, then restore again.',
  'attribute-rejected': 'Graph refused this value. Set it by hand.',
  'name-conflict': 'another object holds the name. Rename it, or restore with "onNameConflict": "rename".',
  'proxy-conflict': 'another object holds a mail address. Free it, or restore with "onNameConflict": "rename".',
  'anchor-conflict': 'another object holds the on-premises anchor. See the note of the object.',
  'ambiguous-match': 'more than one object could be the lost one. Decide by hand; nothing was written.',
  'exists-skip-mode':
    'the object is live, and the restore was told to leave live objects alone. To change it, restore with "onExisting": "overwrite".',
  'not-in-snapshot': 'the snapshot does not hold this object. The note names one that does.',
  'restricted-admin-unit':
    'the object is in a unit with restricted management. Give the app a role scoped to that unit, then restore again.',
  'not-tried':
    'the job was cancelled or broke off before: restore again to go on. Or it must wait for a synchronization: then the job does it by itself.',
  'throttled-gave-up': 'Graph held this back for longer than the app waits. Restore again later.',
  'verification-mismatch':
    'reading back found something else than was written. Restore again; if it stays, look at what changes it.',
  'plan-drift': 'this changed since it was planned, and was left alone. Plan again.',
  'graph-error':
    'Graph refused or failed to the last try. Grant the permission if the note names one; restore again. What is done is not repeated.',
  'group-dynamic': 'a rule fills this group. The member comes back by itself.',
  'role-expired': 'the assignment would have ended by now.',
  'role-builtin-not-creatable': 'built-in roles are always there; only their assignments are restored.',
  'licence-inherited': 'the licence comes with the membership of a group.',
  'attribute-read-only': 'Graph lets nobody write this property.',
  'attribute-unsupported': 'there is nothing to write, or the directory has no such property any more.',
  'auth-method-not-restorable': 'the user must register this method again.',
  'secret-not-restorable':
    'Entra gives out no password and no key, so no backup has them. Hand out the new password; the user registers passkeys and apps again.',
  'not-captured-by-snapshot':
    'the snapshot does not know this, so it was neither compared nor removed. Choose a complete snapshot if it matters.',
};
