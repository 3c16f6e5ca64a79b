import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LEAST_AT_ONCE, toPace } from './pace.js';

const MOST = 12;
const after = (times: readonly number[], pace = LEAST_AT_ONCE): number =>
  times.reduce((one, ms) => toPace(one, ms, MOST), pace);

describe('the pace of writes', () => {
  it('grows to the most while each write is fast, and falls at once when one is slow', () => {
    assert.equal(after(Array<number>(100).fill(20)), MOST);
    assert.equal(after([300], MOST), MOST / 2);
    assert.equal(after([300, 300, 300], MOST), LEAST_AT_ONCE);
  });

  it('stays where writes are neither fast nor slow', () => {
    assert.equal(after([100, 200, 250], 7), 7);
  });

  it('never leaves its bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (times) => {
        const pace = after(times);
        assert.ok(pace >= LEAST_AT_ONCE && pace <= MOST, String(pace));
      }),
    );
  });
});
