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
