import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LAG_BOUNDS_MS, lagQuantile, toLagBucket } from './lag.js';

const count = (values: number[]): number[] => {
  const counts = Array.from({ length: LAG_BOUNDS_MS.length + 1 }, () => 0);
  for (const value of values) counts[toLagBucket(value)]! += 1;
  return counts;
};

describe('lagQuantile', () => {
  it('is null when nothing was counted, so that idle is not shown as 0 ms', () => {
    assert.equal(lagQuantile(count([]), 0.95), null);
  });

  it('is never less than the true quantile, and within its bucket', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1_000, max: 20_000_000 }), { minLength: 1 }),
        fc.constantFrom(0.5, 0.95, 0.99),
        (values, quantile) => {
          const sorted = values.toSorted((a, b) => a - b);
          const truth = sorted[Math.ceil(sorted.length * quantile) - 1]!;
          const shown = lagQuantile(count(values), quantile)!;
          assert.ok(shown >= truth);
          assert.equal(toLagBucket(Math.min(shown, 99_999_999)), toLagBucket(truth));
        },
      ),
    );
  });
});
