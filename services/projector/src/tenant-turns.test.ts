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

  it('lets more of a tenant work at a time while its work is fast, and fewer again when it is slow', async () => {
    let at = 0;
    const turns = createTenantTurns(12, () => at);
    const workTakes = async (ms: number): Promise<number> => {
      let [here, most] = [0, 0];
      const work = async (): Promise<void> => {
        most = Math.max(most, (here += 1));
        await turn();
        at += ms;
        here -= 1;
      };
      await Promise.all(Array.from({ length: 48 }, () => turns('one', mine, work)));
      return most;
    };
    assert.equal(await workTakes(1), 3);
    assert.equal(await workTakes(1), 12);
    await workTakes(300);
    assert.equal(await workTakes(300), 3);
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
