import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createWindowLimiter } from './window-limiter.js';

describe('the limiter of the report', () => {
  it('never lets more than the limit begin within the period, and none waits without need', async () => {
    const arrivals = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 6 }), async (gaps, limit) => {
        let time = 0;
        const now = () => time;
        const wait = (ms: number) => Promise.resolve((time += ms));
        const limiter = createWindowLimiter({ limit, perMs: 10_000, now, wait });
        const begun: number[] = [];
        for (const gap of gaps) {
          time += gap;
          const askedAt = time;
          const isFree = limiter.free() > 0;
          await limiter.take();
          const free = begun.length < limit || askedAt >= begun.at(-limit)! + 10_000;
          assert.equal(isFree, free);
          assert.equal(time, free ? askedAt : begun.at(-limit)! + 10_000);
          begun.push(time);
        }
        for (const [index, at] of begun.entries()) if (index >= limit) assert.ok(at - begun[index - limit]! >= 10_000);
      }),
    );
  });

  it('holds when all ask at once and timers fire early', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 30 }), async (limit, callers) => {
        let time = 0;
        const wait = (ms: number) => Promise.resolve((time += Math.max(1, ms - 3)));
        const limiter = createWindowLimiter({ limit, perMs: 1_000, now: () => time, wait });
        const begun = await Promise.all(Array.from({ length: callers }, () => limiter.take().then(() => time)));
        for (const [index, at] of begun.entries()) if (index >= limit) assert.ok(at - begun[index - limit]! >= 1_000);
        assert.deepEqual(
          begun,
          begun.toSorted((one, next) => one - next),
        );
      }),
    );
  });
});
