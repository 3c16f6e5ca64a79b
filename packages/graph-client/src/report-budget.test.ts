import assert from 'node:assert/strict';
import { forecastRead } from './domain/forecast.js';
import { createReportBudget } from './report-budget.js';

/** Graph's own count: at most 5 in windows of 10 s that begin with the first call (contract 7). */
function createGraphsCount(clock: { now: number }) {
  let [start, used, throttled] = [Number.NEGATIVE_INFINITY, 0, 0];
  return {
    call: () => {
      if (clock.now - start >= 10_000) [start, used] = [clock.now, 0];
      used += 1;
      if (used > 5) throttled += 1;
    },
    throttled: () => throttled,
  };
}

describe('a full read of the MFA report', () => {
  it('of 100,000 people takes at most 1.02 × the floor, and is never throttled', async () => {
    const clock = { now: 0 };
    const graph = createGraphsCount(clock);
    const budget = createReportBudget({
      turn: () => Promise.resolve(),
      now: () => clock.now,
      wait: (ms) => Promise.resolve(void (clock.now += ms)),
    });
    const pages = Math.ceil(100_000 / 999);
    for (let page = 0; page < pages; page += 1) {
      await budget.take('full', 1);
      graph.call();
    }
    const floor = (Math.ceil(pages / 5) - 1) * 10_000;
    assert.equal(floor, 200_000);
    assert.ok(clock.now <= floor * 1.02, `${clock.now} ms`);
    assert.equal(graph.throttled(), 0);
  });

  it('is forecast within 3 % of what it takes, from its first page on, also while a Retry-After lasts', async () => {
    const clock = { now: 0 };
    const budget = createReportBudget({
      turn: () => Promise.resolve(),
      now: () => clock.now,
      wait: (ms) => Promise.resolve(void (clock.now += ms)),
    });
    budget.throttled('full', 5_000);
    const pages = 101;
    const forecast = forecastRead({ pages, pageMs: 100, unitsPerPage: 1, ...budget.outlook('full') });
    for (let page = 0; page < pages; page += 1) {
      await budget.take('full', 1);
      clock.now += 100;
    }
    assert.ok(Math.abs(forecast - clock.now) < clock.now * 0.03, `${forecast} ms, and it took ${clock.now} ms`);
  });

  it('waits out a Retry-After before it goes on', async () => {
    const clock = { now: 0 };
    const budget = createReportBudget({
      turn: () => Promise.resolve(),
      now: () => clock.now,
      wait: (ms) => Promise.resolve(void (clock.now += ms)),
    });
    budget.throttled('full', 2_128);
    await budget.take('full', 1);
    assert.equal(clock.now, 2_128);
  });
});
