import assert from 'node:assert/strict';
import type { Call } from './throttle.js';
import { createThrottle, identityBudget, unitsOf } from './throttle.js';

const CALL: Call = { scope: 'reports', units: 1, appId: 'a', tenantId: 't', people: 500, at: 0 };

describe('the throttle', () => {
  it('lets five reports through in ten seconds and refuses the sixth with the rest of the window', () => {
    const throttle = createThrottle();
    const waits = [0, 1, 2, 3, 4, 4_000].map((at) => throttle.admit({ ...CALL, at }).retryAfter);
    assert.deepEqual(waits, [null, null, null, null, null, 6]);
    assert.equal(throttle.admit({ ...CALL, at: 10_000 }).retryAfter, null);
  });

  it('counts each tenant for itself', () => {
    const throttle = createThrottle();
    for (let call = 0; call < 6; call += 1) throttle.admit(CALL);
    assert.equal(throttle.admit({ ...CALL, tenantId: 'other' }).retryAfter, null);
  });

  it('spends resource units by the size of the tenant', () => {
    const throttle = createThrottle();
    const call: Call = { ...CALL, scope: 'identity', units: 1_000, people: 10 };
    const refused = [1, 2, 3, 4].map(() => throttle.admit(call).retryAfter !== null);
    assert.deepEqual(refused, [false, false, false, true]);
    assert.deepEqual([49, 50, 500, 501].map(identityBudget), [3_500, 5_000, 5_000, 8_000]);
  });

  it('makes $select and small pages cheaper and $expand dearer, never below one unit', () => {
    const cost = (query: string, units = 5) => unitsOf(units, new URLSearchParams(query));
    assert.deepEqual(
      [cost(''), cost('$select=id'), cost('$select=id&$top=5'), cost('$expand=a'), cost('$select=id', 1)],
      [5, 4, 3, 6, 1],
    );
  });
});
