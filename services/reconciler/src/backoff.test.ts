import assert from 'node:assert/strict';
import { createBackoff } from './backoff.js';

describe('createBackoff', () => {
  it('waits twice as long with each failure, up to the most, and not at all after a success', () => {
    let now = 0;
    const backoff = createBackoff(() => new Date(now), { firstMs: 5, mostMs: 30 });
    const waits = [1, 2, 3, 4, 5].map(() => {
      backoff.fail('a');
      const began = now;
      while (!backoff.isDue('a')) now += 1;
      return now - began;
    });
    assert.deepEqual(waits, [5, 10, 20, 30, 30]);
    assert.ok(backoff.isDue('b'));
    backoff.fail('a');
    backoff.clear('a');
    assert.ok(backoff.isDue('a'));
  });

  it('waits for no time to come again when the clock was set back', () => {
    let now = 3_600_000;
    const backoff = createBackoff(() => new Date(now), { firstMs: 5, mostMs: 30 });
    backoff.fail('a');
    assert.ok(!backoff.isDue('a'));
    now = 0;
    assert.ok(backoff.isDue('a'));
  });
});
