import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { createTenantTurns } from './tenant-turns.js';

describe('turns of tenants', () => {
  it('lets so many of one tenant work at a time, all in the end, and keeps nobody else waiting', async () => {
    const turns = createTenantTurns(2);
    const atWork: Record<string, number> = { noisy: 0, quiet: 0 };
    let most = 0;
    let left = 10;
    const noisy = Array.from({ length: 10 }, () =>
      turns('noisy', async () => {
        most = Math.max(most, (atWork['noisy'] = (atWork['noisy'] ?? 0) + 1));
        await turn();
        atWork['noisy'] -= 1;
        left -= 1;
      }),
    );
    const leftThen = await turns('quiet', () => Promise.resolve(left));
    assert.equal(leftThen, 10);
    await Promise.all(noisy);
    assert.deepEqual([most, left], [2, 0]);
  });

  it('goes on after work that failed', async () => {
    const turns = createTenantTurns(1);
    await assert.rejects(
      turns('one', () => Promise.reject(new Error('down'))),
      /down/,
    );
    assert.equal(await turns('one', () => Promise.resolve('up')), 'up');
  });
});
