/** Rules on single values of a user (graph-facts 3.2, 4.1): names, addresses, passwords, and what follows from them. */
import { invalidValue, missingValue, weakPassword } from '../errors.ts';
import type { Entity } from '../tenant/entity.ts';

/** At most 64 characters, none of them a dot before the @, and 48 after it (E:concept-sspr-policy). */
const nameForm = /^[A-Za-z0-9'._!#^~-]{1,64}(?<!\.)@[A-Za-z0-9.-]{1,48}$/;
const ascii = /^[\x20-\x7e]*$/;

/** Throws 400 for a value that breaks a documented form. `checked`: types are right already. */
export function checkUserValues(checked: Readonly<Record<string, unknown>>): void {
  const invalid = (name: string, holds: boolean): void => {
    if (!holds) throw invalidValue(name, 'User');
  };
  const text = (name: string, holds: (value: string) => boolean): void => {
    const value = checked[name];
    if (typeof value === 'string') invalid(name, holds(value));
  };
  text('userPrincipalName', (value) => nameForm.test(value));
  text('mail', (value) => ascii.test(value) && /^[^@\s]+@[^@\s]+$/.test(value));
  text('mailNickname', (value) => ascii.test(value) && !/[\s@()\\[\]";:<>,]/.test(value));
  text('usageLocation', (value) => /^[A-Z]{2}$/.test(value));
  text('onPremisesImmutableId', (value) => !/[$_]/.test(value) && value.length <= 256);
  text('userType', (value) => ['Member', 'Guest'].includes(value));
  text('ageGroup', (value) => ['Minor', 'NotAdult', 'Adult'].includes(value));
  text('consentProvidedForMinor', (value) => ['Granted', 'Denied', 'NotRequired'].includes(value));
  text('passwordPolicies', (value) =>
    value
      .split(',')
      .every((policy) => ['DisableStrongPassword', 'DisablePasswordExpiration', 'None'].includes(policy.trim())),
  );
  const { otherMails, businessPhones, onPremisesExtensionAttributes: extension } = checked;
  if (Array.isArray(otherMails)) {
    invalid(
      'otherMails',
      otherMails.length <= 250 && otherMails.every((mail) => mail.length <= 250 && ascii.test(mail)),
    );
  }
  if (Array.isArray(businessPhones)) invalid('businessPhones', businessPhones.length <= 1);
  if (typeof extension === 'object' && extension !== null) {
    const values: unknown[] = Object.values(extension);
    invalid(
      'onPremisesExtensionAttributes',
      values.every((value) => value === null || String(value).length <= 1024),
    );
  }
}

/** Complex values as stored: what is not given of `employeeOrgData` is null; extension attributes merge with what stands. */
export function settleUserValues(
  checked: Readonly<Record<string, unknown>>,
  before: Entity | null,
): Record<string, unknown> {
  const settled: Record<string, unknown> = { ...checked };
  const { employeeOrgData: org, onPremisesExtensionAttributes: extension, mail } = checked;
  if (typeof org === 'object' && org !== null) settled.employeeOrgData = { costCenter: null, division: null, ...org };
  if (typeof extension === 'object' && extension !== null) {
    settled.onPremisesExtensionAttributes = {
      ...(before?.properties.onPremisesExtensionAttributes as object | undefined),
      ...extension,
    };
  }
  if (typeof mail === 'string' && mail !== before?.properties.mail) {
    settled.proxyAddresses = proxiesFor(mail, before?.properties.proxyAddresses as readonly string[] | undefined);
  }
  return settled;
}

/** Proxy addresses after the mail was set: it becomes the primary one, the others stay as secondary. */
export function proxiesFor(mail: string, before: readonly string[] = []): readonly string[] {
  const address = (proxy: string): string => proxy.replace(/^smtp:/i, '').toLowerCase();
  const others = before.filter((proxy) => address(proxy) !== mail.toLowerCase());
  return [`SMTP:${mail}`, ...others.map((proxy) => proxy.replace(/^SMTP:/, 'smtp:'))];
}

export interface Password {
  readonly password: string;
  readonly mustChange: boolean;
}

/**
 * Checks a `passwordProfile`. An update may leave the password as it is (`before`) and only say whether it must be changed.
 * Throws 400. `null`: none was given.
 */
export function readPassword(profile: unknown, policies: unknown, before: Password | null = null): Password | null {
  if (profile === undefined || profile === null) return null;
  const {
    password,
    forceChangePasswordNextSignIn: force,
    forceChangePasswordNextSignInWithMfa: forceMfa,
  } = profile as Record<string, unknown>;
  if ((password === undefined || password === null) && before !== null) {
    return { password: before.password, mustChange: force === true || forceMfa === true };
  }
  if (typeof password !== 'string') throw missingValue('password', 'PasswordProfile');
  if (!isStrong(password) && !String(policies ?? '').includes('DisableStrongPassword')) throw weakPassword();
  if (password.length < 8 || password.length > 256 || !ascii.test(password)) throw weakPassword();
  return { password, mustChange: force !== false || forceMfa === true };
}

/** 8 to 256 characters of at least three of the four kinds. */
function isStrong(password: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  return kinds >= 3;
}
