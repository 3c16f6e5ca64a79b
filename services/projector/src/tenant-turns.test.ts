import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { createTenantTurns } from './tenant-turns.js';

const mine = (): boolean => true;

describe('turns of tenants', () => {
  it('lets so many of one tenant work at a time, all in the end, and keeps nobody else waiting', async () => {
    const turns = createTenantTurns(2);
    const atWork: Record<string, number> = { noisy: 0, quiet: 0 };
    let most = 0;
    let left = 10;
    const noisy = Array.from({ length: 10 }, () =>
      turns('noisy', mine, async () => {
        most = Math.max(most, (atWork['noisy'] = (atWork['noisy'] ?? 0) + 1));
        await turn();
        atWork['noisy'] -= 1;
        left -= 1;
      }),
    );
    const leftThen = await turns('quiet', mine, () => Promise.resolve(left));
    assert.equal(leftThen, 10);
    await Promise.all(noisy);
    assert.deepEqual([most, left], [2, 0]);
  });

  it('goes on after work that failed', async () => {
    const turns = createTenantTurns(1);
    await assert.rejects(
      turns('one', mine, () => Promise.reject(new Error('down'))),
      /down/,
    );
    assert.equal(await turns('one', mine, () => Promise.resolve('up')), 'up');
  });

  it('does nothing once the partition is another copy\u2019s', async () => {
    const turns = createTenantTurns(1);
    let isMine = true;
    let works = 0;
    const work = async (): Promise<string> => {
      works += 1;
      await turn();
      isMine = false;
      return 'done';
    };
    const all = await Promise.all([turns('one', () => isMine, work), turns('one', () => isMine, work)]);
    assert.deepEqual([all, works], [['done', null], 1]);
  });
});
