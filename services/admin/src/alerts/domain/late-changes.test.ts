import assert from 'node:assert/strict';
import { LAG_BOUNDS_MS, toLagBucket } from '@muster/contracts';
import { countLate, mayBeLate } from './late-changes.js';

const counts = (...lags: number[]): number[] => {
  const sums = LAG_BOUNDS_MS.map(() => 0).concat(0);
  for (const ms of lags) sums[toLagBucket(ms)]! += 1;
  return sums;
};

describe('late changes', () => {
  it('are those that took more than a minute, also beyond the last bound', () => {
    assert.deepEqual(countLate(counts(3, 60_000, 60_001, 99_000_000)), { changes: 4, late: 2 });
    assert.deepEqual(countLate(counts()), { changes: 0, late: 0 });
  });

  it('the hour is worth a read only where the last minutes were late', () => {
    assert.deepEqual([null, 500, 60_000, 300_000].map(mayBeLate), [false, false, false, true]);
  });
});
