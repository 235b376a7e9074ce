import { describe, expect, it } from 'vitest';
import { licenceSteps, licencesOf } from '../../src/restore/licences.ts';

const direct = (skuId: string, ...disabledPlans: string[]) => ({ skuId, disabledPlans });
const merge = { usageLocation: 'CH', needsLocation: true, mode: 'merge' } as const;
const seats = new Map([
  ['e3', 5],
  ['e5', 0],
]);

describe('licences (R46)', () => {
  it('tells direct from inherited by the assigning group', () => {
    const body = {
      assignedLicenses: [direct('e3', 'p'), direct('e5')],
      licenseAssignmentStates: [
        { skuId: 'e3', disabledPlans: ['p'], assignedByGroup: null, state: 'Active' },
        { skuId: 'e5', disabledPlans: [], assignedByGroup: 'g', state: 'Active' },
      ],
    };
    expect(licencesOf(body)).toEqual({ direct: [direct('e3', 'p')], inherited: ['e5'] });
  });

  it('assigns a direct one with its disabled plans', () => {
    const steps = licenceSteps(
      { direct: [direct('e3', 'p')], inherited: [] },
      { direct: [], inherited: [] },
      seats,
      merge,
    );
    expect(steps).toEqual([{ act: 'license', skuId: 'e3', disabledPlans: ['p'] }]);
  });

  it('assigns again when only the disabled plans differ, even with no seat free, and tells what was held', () => {
    const steps = licenceSteps(
      { direct: [direct('e5', 'p')], inherited: [] },
      { direct: [direct('e5')], inherited: [] },
      seats,
      merge,
    );
    expect(steps).toEqual([{ act: 'license', skuId: 'e5', disabledPlans: ['p'], replacesPlans: [] }]);
  });

  it.each([
    ['e5', 'CH', 'licence-no-seats'],
    ['e1', 'CH', 'licence-unknown-sku'],
    ['e3', null, 'usage-location-missing'],
  ])('skips %s with usage location %s as %s', (skuId, usageLocation, reason) => {
    const steps = licenceSteps({ direct: [direct(skuId)], inherited: [] }, { direct: [], inherited: [] }, seats, {
      usageLocation,
      needsLocation: true,
      mode: 'merge',
    });
    expect(steps).toMatchObject([{ act: 'skip', reason }]);
  });

  it('never assigns an inherited one, and names it while the group has not given it back', () => {
    const wanted = { direct: [], inherited: ['e3'] };
    expect(licenceSteps(wanted, { direct: [], inherited: [] }, seats, merge)).toMatchObject([
      { act: 'skip', reason: 'licence-inherited' },
    ]);
    expect(licenceSteps(wanted, { direct: [], inherited: ['e3'] }, seats, merge)).toEqual([]);
  });

  it('takes extra ones away only in rollback', () => {
    const live = { direct: [direct('e3')], inherited: [] };
    expect(licenceSteps({ direct: [], inherited: [] }, live, seats, merge)).toEqual([]);
    expect(licenceSteps({ direct: [], inherited: [] }, live, seats, { ...merge, mode: 'rollback' })).toMatchObject([
      { act: 'unlicense' },
    ]);
  });
});
