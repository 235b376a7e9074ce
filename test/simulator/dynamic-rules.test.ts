/** The rule language of dynamic groups (E:identity/users/groups-dynamic-membership; issue 3, item 10). */
import { describe, expect, it } from 'vitest';
import { GraphError } from '../../src/dev/simulator/errors.ts';
import { parseRule } from '../../src/dev/simulator/resources/membership-rule.ts';

const mara = {
  id: '5c9a1f6e-0000-4000-8000-00000000000a',
  accountEnabled: true,
  department: 'Sales',
  jobTitle: null,
  displayName: 'David Berg',
  givenName: "D'Arcy",
  city: 'Say "Hi"',
  mail: 'mara@contoso.com',
  mobilePhone: '+47 1',
  businessPhones: ['+47 2'],
  officeLocation: 'B2',
  onPremisesSyncEnabled: null,
  userType: 'Member',
  employeeHireDate: '2024-03-01T00:00:00Z',
  otherMails: ['mara@home.example', 'm@club.example'],
  proxyAddresses: ['SMTP:mara@contoso.com', 'smtp:m.berg@contoso.com'],
  assignedPlans: [
    { servicePlanId: 'a1b2c3d4-0000-4000-8000-000000000001', service: 'exchange', capabilityStatus: 'Enabled' },
    { servicePlanId: 'a1b2c3d4-0000-4000-8000-000000000002', service: 'SCO', capabilityStatus: 'Deleted' },
  ],
  onPremisesExtensionAttributes: { extensionAttribute7: 'North' },
};

/** Whether the rule takes her in, or the status of the refusal. */
function judged(rule: string, user: Record<string, unknown> = mara): boolean | number {
  try {
    const parsed = parseRule(rule);
    return parsed.kind === 'users' && parsed.holds((name) => user[name] ?? null);
  } catch (error) {
    if (error instanceof GraphError) return error.status;
    throw error;
  }
}

describe('single expressions', () => {
  it.each([
    ['user.department -eq "sales"', true],
    ['user.department eq "Sales"', true],
    ['user.department –eq "Sales"', true],
    ['user.department -ne "Sales"', false],
    ['user.jobTitle -ne "Baker"', true],
    ['user.displayName -startsWith "Dav"', true],
    ['user.displayName -notStartsWith "Dav"', false],
    ['user.mail -endsWith "@CONTOSO.com"', true],
    ['user.mail -notEndsWith "@contoso.com"', false],
    ['user.department -contains "al"', true],
    ['user.jobTitle -contains "ul"', false],
    ['user.jobTitle -notContains "ul"', true],
    ['user.displayName -match "^da.*"', true],
    ['user.displayName -match ".*vid$"', false],
    ['user.displayName -notMatch ".*vid$"', true],
    ['user.displayName -match "^\\D+$"', true],
    ['user.department -in ["Art","Sales"]', true],
    ['user.department -notIn ["Art", "Sales"]', false],
    ['user.department -in ["Art"]', false],
  ])('%s: %s', (rule, belongs) => {
    expect(judged(rule)).toBe(belongs);
  });

  it('compares with null, which the word in quotes is not', () => {
    expect([judged('user.jobTitle -eq null'), judged('user.jobTitle -eq $null')]).toEqual([true, true]);
    expect([judged('user.mail –ne null'), judged('user.objectId -ne null')]).toEqual([true, true]);
    expect(judged('user.jobTitle -eq "null"')).toBe(false);
    expect(judged('user.jobTitle -startsWith null')).toBe(400);
  });

  it('calls properties by the names of the rule language, in their letter case', () => {
    expect(judged('user.mobile -eq "+47 1" -and user.telephoneNumber -eq "+47 2"')).toBe(true);
    expect(judged('user.physicalDeliveryOfficeName -eq "B2" -and user.extensionAttribute7 -eq "north"')).toBe(true);
    expect(judged(`user.objectId -eq "${mara.id}" -and user.dirSyncEnabled -ne true`)).toBe(true);
    expect(judged('user.Department -eq "Sales"')).toBe(400);
    expect(judged('user.shoeSize -eq "42"')).toBe(400);
  });

  it('reads booleans bare or quoted and nothing else as one', () => {
    expect([judged('user.accountEnabled -eq true'), judged('user.accountEnabled -ne "true"')]).toEqual([true, false]);
    expect([judged('user.accountEnabled -eq "yes"'), judged('user.accountEnabled -contains "t"')]).toEqual([400, 400]);
  });

  it('unescapes quotes', () => {
    expect(judged('user.city -eq "Say `"Hi`""')).toBe(true);
    expect(judged(`user.givenName -eq "D''Arcy"`)).toBe(true);
  });

  it('compares the day of hiring with a fixed time, and refuses one that moves with the clock', () => {
    expect(judged('user.employeeHireDate -ge 2024-01-01T00:00:00Z')).toBe(true);
    expect(judged('user.employeehiredate -le "2024-01-01T00:00:00Z"')).toBe(false);
    expect(judged('user.employeeHireDate -ge system.now -plus p1d')).toBe(501);
  });
});

describe('several expressions', () => {
  it.each([
    ['(user.department -eq "Sales") -or (user.department -eq "Art")', true],
    ['(user.department -eq "Sales") -and -not (user.displayName -startsWith "Dav")', false],
    ['-not (user.department -eq "Art") -and user.accountEnabled -eq true', true],
    // -and binds closer than -or.
    ['user.city -eq "Oslo" -and user.city -eq "Oslo" -or user.department -eq "Sales"', true],
    ['user.city -eq "Oslo" -and (user.city -eq "Oslo" -or user.department -eq "Sales")', false],
  ])('%s: %s', (rule, belongs) => {
    expect(judged(rule)).toBe(belongs);
  });
});

describe('collections', () => {
  it.each([
    ['(user.otherMails -any (_ -startsWith "m@"))', true],
    ['user.otherMails -all (_ -endsWith "@home.example")', false],
    ['user.proxyAddresses -all (_ -contains "contoso")', true],
    ['user.proxyAddresses -any (_ -notEndsWith "@contoso.com")', false],
    [
      'user.assignedPlans -any (assignedPlan.service -eq "SCO" -and assignedPlan.capabilityStatus -eq "Enabled")',
      false,
    ],
    ['user.assignedPlans -any (assignedPlan.servicePlanId -eq "a1b2c3d4-0000-4000-8000-000000000001")', true],
    ['user.assignedPlans -all (assignedPlan.service -ne "SCO" -or assignedPlan.capabilityStatus -ne "Enabled")', true],
    ['user.assignedPlans -all (assignedPlan.servicePlanId -eq null)', false],
  ])('%s: %s', (rule, belongs) => {
    expect(judged(rule)).toBe(belongs);
  });

  it('holds -all over nothing, so that it finds users without any plan', () => {
    const rule = 'user.assignedPlans -all (assignedPlan.servicePlanId -eq null)';
    expect(judged(rule, { ...mara, assignedPlans: [] })).toBe(true);
  });
});

describe('what is refused', () => {
  it.each([
    ['device.deviceOwnership -eq "Company"', 501],
    ["user.memberOf -any (group.objectId -in ['5c9a1f6e-0000-4000-8000-00000000000b'])", 501],
    ['user.proxyAddresses -contains "contoso"', 501],
    ['', 400],
    ['user.department', 400],
    ['user.department -eq', 400],
    ['user.department -eq Sales', 400],
    ['user.department -like "S*"', 400],
    ['user.department -match "("', 400],
    ['user.department -in "Sales"', 400],
    ['(user.department -eq "Sales"', 400],
    ['user.department -eq "Sales" user.city -eq "Oslo"', 400],
    ['user.department -eq "Sales', 400],
    ['user.assignedPlans -any (_ -eq "x")', 400],
    ['Direct Reports for "5c9a1f6e-0000-4000-8000-00000000000b" -or user.city -eq "Oslo"', 400],
    [`user.department -eq "${'x'.repeat(3072)}"`, 400],
  ])('%s: %s', (rule, status) => {
    expect(judged(rule)).toBe(status);
  });

  it('names the rule that it does not follow', () => {
    expect(() => parseRule('device.isRooted -eq true')).toThrow(/device\.isRooted -eq true/);
  });
});
