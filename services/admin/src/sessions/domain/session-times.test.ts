import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isOver, mayStayUnproved, toSessionTimes, toTouch } from './session-times.js';

const HOUR = 3_600_000;
const periods = { idle: HOUR, life: 12 * HOUR };
const start = new Date('2026-01-01T00:00:00.000Z');
const after = (ms: number): Date => new Date(start.getTime() + ms);

describe('times of a session', () => {
  it('it ends an hour after its last use', () => {
    const times = toSessionTimes(start, periods);
    assert.equal(isOver(times, after(HOUR - 1)), false);
    assert.equal(isOver(times, after(HOUR)), true);
    const used = { ...times, ...toTouch(times, after(HOUR / 2), periods) };
    assert.equal(isOver(used, after(HOUR)), false);
  });

  it('it ends after its life, however it is used', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: HOUR - 60_000 }), { maxLength: 40 }), (pauses) => {
        let times = toSessionTimes(start, periods);
        let passed = 0;
        for (const pause of pauses) {
          passed += pause;
          const over = isOver(times, after(passed));
          assert.equal(over, passed >= periods.life);
          if (over) return;
          times = { ...times, ...toTouch(times, after(passed), periods) };
          assert.ok(times.expiresAt <= times.endsAt);
        }
      }),
    );
  });

  it('it is written at most once a minute', () => {
    const times = toSessionTimes(start, periods);
    assert.equal(toTouch(times, after(59_999), periods), null);
    assert.equal(toTouch(times, after(60_000), periods)?.seenAt, after(60_000).toISOString());
  });

  it('without anybody to vouch, one stays for 15 minutes', () => {
    assert.equal(mayStayUnproved(start.toISOString(), after(15 * 60_000 - 1)), true);
    assert.equal(mayStayUnproved(start.toISOString(), after(15 * 60_000)), false);
  });
});
