import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { createTries } from './try-again.js';

const failing = (code: string, retryable: boolean, retryAfterMs?: number) => {
  const waits: number[] = [];
  let tries = 0;
  const again = createTries({
    pause: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    onRetry: () => undefined,
    random: () => 1,
  });
  const run = (succeedAt = Infinity) =>
    again(() => {
      tries += 1;
      if (tries >= succeedAt) return Promise.resolve('read');
      return Promise.reject(new Failure(code, 'm', { retryable, retryAfterMs }));
    });
  return { waits, run, tries: () => tries };
};

describe('createTries', () => {
  it('gives up after five tries, each wait longer', async () => {
    const { waits, run, tries } = failing('graph.unavailable', true);
    await assert.rejects(run(), { code: 'graph.unavailable' });
    assert.equal(tries(), 5);
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000]);
  });

  it('waits at least as long as Graph asks', async () => {
    const { waits, run } = failing('graph.throttled', true, 7_500);
    assert.equal(await run(2), 'read');
    assert.deepEqual(waits, [7_500]);
  });

  it('leaves a wait over five minutes to the schedule', async () => {
    const { waits, run } = failing('graph.throttled', true, 600_000);
    await assert.rejects(run(), { code: 'graph.throttled' });
    assert.deepEqual(waits, []);
  });

  it('does not repeat what cannot help', async () => {
    const { run, tries } = failing('graph.forbidden', false);
    await assert.rejects(run(), { code: 'graph.forbidden' });
    assert.equal(tries(), 1);
  });

  it('believes a missing licence the third time only', async () => {
    const { waits, run, tries } = failing('graph.no-licence', false);
    await assert.rejects(run(), { code: 'graph.no-licence' });
    assert.equal(tries(), 3);
    assert.deepEqual(waits, [5_000, 5_000]);
    assert.equal(await failing('graph.no-licence', false).run(3), 'read');
  });
});
