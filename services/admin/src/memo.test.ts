import assert from 'node:assert/strict';
import { createMemo } from './memo.js';

describe('createMemo', () => {
  const HOUR = 3_600_000;
  const setUp = () => {
    const clock = { ms: HOUR };
    let reads = 0;
    const memo = createMemo<number>({ forMs: 5_000, now: () => new Date(clock.ms) });
    return { clock, ask: () => memo('a', () => Promise.resolve((reads += 1))) };
  };

  it('reads once for all who ask in that time, and then again', async () => {
    const { clock, ask } = setUp();
    assert.deepEqual([await ask(), await ask()], [1, 1]);
    clock.ms += 4_999;
    assert.equal(await ask(), 1);
    clock.ms += 1;
    assert.equal(await ask(), 2);
  });

  it('keeps nothing until a time comes again when the clock was set back', async () => {
    const { clock, ask } = setUp();
    await ask();
    clock.ms -= HOUR;
    assert.deepEqual([await ask(), await ask()], [2, 2]);
  });
});
