import { expect, it } from 'vitest';
import type { ObjectPlan } from '../../src/restore/object-plan.ts';
import { asForeseen } from '../../src/restore/taken-values.ts';

const line: ObjectPlan = {
  action: 'none',
  attributes: {},
  skipped: [
    { name: 'userPrincipalName', result: 'failed', reason: 'name-conflict' },
    { name: 'createdDateTime', result: 'skipped', reason: 'attribute-read-only' },
  ],
};

it('R09 R13 leaves out of an update what its plan foresaw to be taken, and nothing else', () => {
  const plan: ObjectPlan = {
    action: 'update',
    targetId: 'ada',
    attributes: { userPrincipalName: 'ada@contoso.com', department: 'Music' },
    skipped: [],
  };
  expect(asForeseen(plan, line)).toEqual({
    ...plan,
    attributes: { department: 'Music' },
    skipped: [line.skipped[0]],
  });
  expect(asForeseen({ ...plan, attributes: { userPrincipalName: 'ada@contoso.com' } }, line).action).toBe('none');
  expect(asForeseen(plan, undefined)).toEqual(plan);
});

it('R09 R20 tells of what is still in the bin that it cannot come back, of what came back meanwhile only what is taken', () => {
  const fails: ObjectPlan = {
    action: 'fail',
    reason: 'name-conflict',
    conflictingIds: ['eve'],
    attributes: {},
    skipped: [],
  };
  const plan: ObjectPlan = { action: 'undelete', targetId: 'ada', attributes: { department: 'Music' }, skipped: [] };
  expect(asForeseen(plan, fails)).toEqual(fails);
  expect(asForeseen({ ...plan, action: 'update' }, fails)).toEqual({ ...plan, action: 'update' });
});
