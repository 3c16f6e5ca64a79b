import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LANES, onThrottled, onUsed, openBudget, refill, spend, toWait, type Lane } from './budget.js';

const allowance = { units: 1_000, windowMs: 10_000 };

describe('the budget', () => {
  it('never lets through more than its part in any window, whoever asks and when', () => {
    const asking = fc.array(
      fc.record({ lane: fc.constantFrom(...LANES), units: fc.integer({ min: 1, max: 10 }), pause: fc.nat(400) }),
      { minLength: 50, maxLength: 400 },
    );
    fc.assert(
      fc.property(asking, (calls) => {
        let state = openBudget(allowance, 0);
        let now = 0;
        const spent: { at: number; units: number }[] = [];
        for (const { lane, units, pause } of calls) {
          now += pause;
          state = refill(state, allowance, now);
          if (toWait(state, allowance, lane) > 0) continue;
          state = spend(state, units);
          spent.push({ at: now, units });
        }
        for (const { at } of spent) {
          const within = spent.filter((one) => one.at >= at && one.at < at + allowance.windowMs);
          const sum = within.reduce((all, one) => all + one.units, 0);
          // One call may be dearer than what is left.
          assert.ok(sum <= allowance.units + 10, `${sum} in a window`);
        }
      }),
    );
  });

  it('with a burst of its own lets that much go at once, and in the long run no more than its part', () => {
    const own = { units: 25, windowMs: 20_000, burst: 40 };
    const windows = 20;
    const asking = fc.array(fc.record({ lane: fc.constantFrom(...LANES), units: fc.constantFrom(1, 20) }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(asking, fc.integer({ min: 100, max: 5_000 }), (calls, everyMs) => {
        let state = openBudget(own, 0);
        let spent = 0;
        for (let now = 0, turn = 0; now < windows * own.windowMs; now += everyMs, turn += 1) {
          const { lane, units } = calls[turn % calls.length]!;
          state = refill(state, own, now);
          if (toWait(state, own, lane) > 0) continue;
          state = spend(state, units);
          spent += units;
        }
        // One call may be dearer than what is left.
        assert.ok(spent <= own.burst + windows * own.units + 20, `${spent} in ${windows} windows`);
      }),
    );
    let state = spend(openBudget(own, 0), 20);
    for (let call = 0; call < 15; call += 1) {
      assert.equal(toWait(state, own, 'delta'), 0, `call ${call} behind a list`);
      state = spend(state, 1);
    }
    assert.ok(toWait(spend(state, 20), own, 'delta') > 0);
  });

  it('keeps room for events behind which full reads wait', () => {
    let state = openBudget(allowance, 0);
    while (toWait(state, allowance, 'full') === 0) state = spend(state, 5);
    assert.equal(toWait(state, allowance, 'events'), 0);
    assert.equal(toWait(state, allowance, 'delta'), 0);
    while (toWait(state, allowance, 'delta') === 0) state = spend(state, 5);
    assert.equal(toWait(state, allowance, 'events'), 0);
  });

  it('says how long to wait, truly', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LANES), fc.integer({ min: 1, max: 300 }), (lane, units) => {
        const state = spend(openBudget(allowance, 0), units);
        const wait = toWait(state, allowance, lane);
        assert.equal(toWait(refill(state, allowance, wait + 1), allowance, lane), 0);
      }),
    );
  });

  const waits = (state: ReturnType<typeof openBudget>): Record<Lane, boolean> =>
    Object.fromEntries(LANES.map((lane) => [lane, toWait(state, allowance, lane) > 0])) as Record<Lane, boolean>;

  it('obeys Retry-After for the lane that was refused and those below it, to the millisecond', () => {
    const state = onThrottled(openBudget(allowance, 0), 'delta', 2_128);
    assert.deepEqual(waits(state), { events: false, delta: true, full: true });
    assert.equal(toWait(state, allowance, 'delta'), 2_128);
    assert.deepEqual(waits(refill(state, allowance, 2_128)), { events: false, delta: false, full: false });
    assert.deepEqual(waits(onThrottled(state, 'events', 10)), { events: true, delta: true, full: true });
  });

  it('slows down near the limit and comes back to its full pace', () => {
    const calm = openBudget(allowance, 0);
    assert.equal(onUsed(calm, 0.85).pace, 1);
    assert.ok(onUsed(calm, 0.95).pace < 1);
    assert.ok(onUsed(calm, 1.2).pace < onUsed(calm, 0.95).pace);
    let state = calm;
    for (let time = 0; time < 100; time += 1) state = onUsed(state, 1.8);
    assert.ok(state.pace > 0);
    assert.equal(refill(state, allowance, 60_000).pace, 1);
  });
});
