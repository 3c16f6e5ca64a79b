import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { createTimeLimit, TimeIsUp } from './time-limit.js';

describe('the time limit of a row', () => {
  it('waits for what is done, and tells now and then how far it is', async () => {
    const said: string[] = [];
    let clock = 0;
    const limit = createTimeLimit(
      1,
      (line) => said.push(line),
      () => clock,
    );
    let left = 4;
    const look = (): Promise<string | null> => {
      clock += 10_000;
      left -= 1;
      return Promise.resolve(left === 0 ? null : `${left} left`);
    };
    await limit.until({ what: 'the load', everyMs: 0, look });
    assert.deepEqual(said, ['the load: 2 left']);
  });

  it('ends a little before the row is given up, with what was reached', async () => {
    let clock = 0;
    const limit = createTimeLimit(
      1,
      () => undefined,
      () => clock,
    );
    const look = (): Promise<string> => Promise.resolve(`${(clock += 30_000) / 1_000} s`);
    await assert.rejects(limit.until({ what: 'the load', everyMs: 0, look }), new TimeIsUp('the load: 60 s'));
  });

  it('does not hide what the look itself stumbles over', async () => {
    const limit = createTimeLimit(1, () => undefined);
    const look = (): Promise<null> => Promise.reject(new Error('the read failed'));
    await assert.rejects(limit.until({ what: 'the load', everyMs: 0, look }), /the read failed/);
  });

  it('bears what may pass for two minutes, not longer', async () => {
    let clock = 0;
    const limit = createTimeLimit(
      60,
      () => undefined,
      () => clock,
    );
    let looks = 0;
    const away = new Failure('store.unavailable', 'MongoDB does not answer', { retryable: true });
    const look = (lasts: number) => (): Promise<null> => {
      clock += 30_000;
      looks += 1;
      return looks > lasts ? Promise.resolve(null) : Promise.reject(away);
    };
    await limit.until({ what: 'the load', everyMs: 0, look: look(3) });
    looks = 0;
    await assert.rejects(limit.until({ what: 'the load', everyMs: 0, look: look(9) }), away);
    assert.equal(looks, 4);
  });
});
