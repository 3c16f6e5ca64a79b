import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { RemovalWindow } from '@muster/contracts';
import { admitRemovals, openWindow } from './admit-removals.js';

const integrationId = '10000000-0000-4000-8000-000000000000';
const limit = { least: 5, percent: 10 };
const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000);

type Attempt = { count: number; seconds: number };
/** Attempts one after the other; answers which of them were admitted. `inScope` falls with each. */
function run(attempts: readonly Attempt[], people: number) {
  let known: RemovalWindow | null = null;
  let inScope = people;
  const admitted: Attempt[] = [];
  for (const attempt of attempts) {
    const now = at(attempt.seconds);
    const people = Array.from({ length: attempt.count }, () => randomUUID());
    const admission = admitRemovals(openWindow(known, { integrationId, now, inScope }), people, limit, now);
    known = admission.window;
    if (admission.waiting.length > 0) continue;
    inScope -= attempt.count;
    admitted.push(attempt);
  }
  return { admitted, known, inScope };
}
const sum = (attempts: readonly Attempt[]): number => attempts.reduce((total, { count }) => total + count, 0);
const anyAttempts = fc
  .array(fc.record({ count: fc.integer({ min: 1, max: 40 }), after: fc.integer({ min: 0, max: 400 }) }), {
    maxLength: 40,
  })
  .map((steps) => {
    let seconds = 0;
    return steps.map(({ count, after }): Attempt => ({ count, seconds: (seconds += after) }));
  });

describe('admitRemovals', () => {
  it('admits in any 10 minutes no more than the limit of the scope that there was, and never everyone', () => {
    fc.assert(
      fc.property(anyAttempts, fc.integer({ min: 1, max: 400 }), (attempts, people) => {
        const { admitted, inScope } = run(attempts, people);
        assert.ok(inScope > 0, 'somebody is left');
        const most = Math.max(limit.least, Math.floor(people / 10));
        for (const { seconds } of admitted) {
          const window = admitted.filter((one) => one.seconds > seconds - 600 && one.seconds <= seconds);
          assert.ok(sum(window) <= most, `${sum(window)} went within 10 minutes, at most ${most} may`);
        }
      }),
    );
  });

  it('lets few go at once, and all of a batch or none', () => {
    assert.deepEqual(run([{ count: 35, seconds: 0 }], 350).admitted.length, 1);
    assert.deepEqual(run([{ count: 36, seconds: 0 }], 350).admitted.length, 0);
    assert.deepEqual(run([{ count: 1, seconds: 0 }], 1).admitted.length, 0, 'one of one is everyone');
  });

  it('counts nobody twice whose removal is tried again, and holds of those who come with them only the others', () => {
    const people = Array.from({ length: 40 }, () => randomUUID());
    let known: RemovalWindow | null = null;
    const admit = (some: readonly string[], seconds: number): string[] => {
      const now = at(seconds);
      const opened = openWindow(known, { integrationId, now, inScope: 350 });
      const { waiting, window } = admitRemovals(opened, some, limit, now);
      known = window;
      return waiting;
    };
    for (let attempt = 0; attempt < 20; attempt += 1) assert.deepEqual(admit(people.slice(0, 30), attempt * 20), []);
    assert.deepEqual(admit(people.slice(10, 35), 400), [], 'thirty and five are as many as may go');
    assert.deepEqual(admit(people, 410), people.slice(35));
    assert.deepEqual(admit(people.slice(0, 35), 420), []);
  });

  it('holds everything that follows while the window lasts, once it was too much, and then no longer', () => {
    const attempts = [30, 10, 1].map((count, index) => ({ count, seconds: index }));
    assert.deepEqual(
      run(attempts, 350).admitted.map(({ count }) => count),
      [30],
    );
    assert.deepEqual(
      run([...attempts, { count: 1, seconds: 800 }], 350).admitted.map(({ count }) => count),
      [30, 1],
    );
  });

  const HOUR_S = 3_600;
  it('holds for one window more, not until that time comes again, what was counted by a clock that was ahead', () => {
    const before = { count: 1, seconds: 0 };
    const ahead = { count: 34, seconds: HOUR_S };
    const admittedOf = (...behind: Attempt[]) => run([before, ahead, ...behind], 350).admitted.slice(2);
    const last = { count: 1, seconds: 700 };
    assert.deepEqual(admittedOf({ count: 1, seconds: 10 }), [], 'the gate does not open');
    assert.deepEqual(admittedOf({ count: 1, seconds: 10 }, { count: 1, seconds: 600 }), []);
    assert.deepEqual(admittedOf({ count: 1, seconds: 10 }, last), [last]);
  });

  it('counts in one minute, with its people, what is of now and what a clock ahead counted, and saves it so', () => {
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
    const minuteOf = (seconds: number, people: string[]) => ({
      ...{ at: at(seconds).toISOString(), attempted: people.length, admitted: people.length, people },
    });
    const known: RemovalWindow = {
      ...{ integrationId, inScope: 350, countedAt: at(HOUR_S).toISOString(), revision: 1 },
      minutes: [minuteOf(0, [one]), minuteOf(60, [two]), minuteOf(HOUR_S, [three])],
    };
    const opened = openWindow(known, { integrationId, now: at(30), inScope: 1 });
    assert.deepEqual(opened.minutes, [minuteOf(0, [one, three]), minuteOf(60, [two])]);
    assert.deepEqual([opened.inScope, opened.countedAt], [350, at(30).toISOString()]);
  });
});
