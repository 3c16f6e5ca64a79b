import assert from 'node:assert/strict';
import fc from 'fast-check';
import { median, medianRatio, percentile } from './statistics.js';

const numbers = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1 });

describe('the statistics of the bench', () => {
  it('takes the middle', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.ok(Number.isNaN(median([])));
  });

  it('takes the value that a share of all does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.equal(percentile(hundred, 0.99), 99);
    assert.equal(percentile(hundred, 1), 100);
    assert.equal(percentile([7], 0.5), 7);
  });

  it('has at least the share at or under the percentile, in any order', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
        const found = percentile(values, share);
        assert.ok(values.filter((value) => value <= found).length >= values.length * share);
        assert.ok(values.filter((value) => value < found).length < values.length * share);
      }),
    );
  });

  it('compares neighbours', () => {
    assert.equal(medianRatio([1, 20, 3], [2, 40, 4]), 0.5);
  });
});
