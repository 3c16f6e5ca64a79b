import assert from 'node:assert/strict';
import { waitUntil } from './wait-until.js';

describe('waitUntil', () => {
  it('asks again until the answer is true', async () => {
    let tries = 0;
    await waitUntil(() => Promise.resolve(++tries === 3), { what: 'it', withinMs: 1000, everyMs: 1 });
    assert.equal(tries, 3);
  });

  it('tells the last error when time is up', async () => {
    const refused = (): Promise<boolean> => Promise.reject(new Error('refused'));
    await assert.rejects(waitUntil(refused, { what: 'Kafka answers', withinMs: 5, everyMs: 1 }), {
      message: 'Kafka answers not within 0.005 s: refused',
    });
  });

  it('gives up early when it is hopeless', async () => {
    let tries = 0;
    const never = (): Promise<boolean> => Promise.resolve(false);
    const isHopeless = (): boolean => ++tries === 2;
    await assert.rejects(waitUntil(never, { what: 'it', withinMs: 60_000, everyMs: 1, isHopeless }), /it: given up/);
    assert.equal(tries, 2);
  });
});
