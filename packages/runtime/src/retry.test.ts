import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '@muster/contracts';
import { retry, toBackoffMs } from './retry.js';

const fast = { attempts: 3, baseMs: 1, capMs: 2 };
const failing = (times: number, error: Error) => {
  let calls = 0;
  return { calls: () => calls, run: () => (++calls <= times ? Promise.reject(error) : Promise.resolve('done')) };
};

describe('retry', () => {
  it('tries again while the failure is retryable', async () => {
    const work = failing(2, new Failure('x', 'x', { retryable: true }));
    assert.equal(await retry(work.run, fast), 'done');
    assert.equal(work.calls(), 3);
  });

  it('gives up at once on a failure that is not retryable, and on an unknown error', async () => {
    for (const error of [new Failure('x', 'x', { retryable: false }), new Error('unknown')]) {
      const work = failing(1, error);
      await assert.rejects(retry(work.run, fast), error);
      assert.equal(work.calls(), 1);
    }
  });

  it('gives up after the last try with the last error', async () => {
    const work = failing(9, new Failure('x', 'x', { retryable: true }));
    await assert.rejects(retry(work.run, fast), /x/);
    assert.equal(work.calls(), 3);
  });

  it('never waits less than the other side asked for', async () => {
    const waits: number[] = [];
    const work = failing(1, new Failure('x', 'x', { retryable: true, retryAfterMs: 12 }));
    await retry(work.run, { ...fast, onRetry: (_error, waitMs) => waits.push(waitMs) });
    assert.deepEqual(waits, [12]);
  });

  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController();
    const work = failing(9, new Failure('x', 'x', { retryable: true, retryAfterMs: 60_000 }));
    const waiting = retry(work.run, {
      ...fast,
      signal: controller.signal,
      onRetry: () => setImmediate(() => controller.abort()),
    });
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});

describe('toBackoffMs', () => {
  it('stays between half of the doubled pause and the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const wait = toBackoffMs(attempt, { baseMs: 100, capMs: 5_000 }, random);
        const full = Math.min(5_000, 100 * 2 ** (attempt - 1));
        assert.ok(wait >= full / 2 && wait <= full);
      }),
    );
  });
});
