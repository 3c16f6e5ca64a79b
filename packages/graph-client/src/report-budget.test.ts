import assert from 'node:assert/strict';
import { isFailure } from '@muster/contracts';
import { forecastRead } from './domain/forecast.js';
import { createGuard } from './guard.js';
import type { GraphRequest } from './microsoft-graph.js';
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

/** Whose turn it always is; waiting moves the clock. */
const createBudgetOn = (clock: { now: number }) =>
  createReportBudget({
    turn: () => Promise.resolve(),
    now: () => clock.now,
    wait: (ms) => Promise.resolve(void (clock.now += ms)),
  });

describe('a full read of the MFA report', () => {
  it('of 100,000 people takes at most 1.02 × the floor, and is never throttled', async () => {
    const clock = { now: 0 };
    const graph = createGraphsCount(clock);
    const budget = createBudgetOn(clock);
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

  it('has its token ready ahead of the count, also one that ends while a call waits: the sixth would meet a first that was late', async () => {
    const clock = { now: 0 };
    const graph = createGraphsCount(clock);
    const reports = createBudgetOn(clock);
    const lifetimes = [5_000];
    let endsAt = 0;
    const acquireToken = (): Promise<unknown> => {
      if (clock.now >= endsAt) {
        clock.now += 700;
        endsAt = clock.now + (lifetimes.shift() ?? 3_600_000);
      }
      return Promise.resolve();
    };
    const answer = { status: 200, body: {}, observedAt: '' };
    const guard = createGuard({
      budgets: { reports, identity: reports, subscriptions: reports },
      prepare: acquireToken,
      transport: async () => {
        await acquireToken();
        graph.call();
        return answer;
      },
    });
    const request: GraphRequest = {
      method: 'GET',
      path: '/reports/authenticationMethods',
      what: 'read the MFA report',
    };
    for (let page = 0; page < 21; page += 1) await guard.of('full')(request);
    assert.equal(graph.throttled(), 0);
  });

  it('is forecast within 3 % of what it takes, from its first page on, also while a Retry-After lasts', async () => {
    const clock = { now: 0 };
    const budget = createBudgetOn(clock);
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
    const budget = createBudgetOn(clock);
    budget.throttled('full', 2_128);
    await budget.take('full', 1);
    assert.equal(clock.now, 2_128);
  });
});

describe('a single row of the MFA report', () => {
  const open = () => {
    const clock = { now: 0 };
    const turns: string[] = [];
    const begun: number[] = [];
    const budget = createReportBudget({
      turn: (lane) => Promise.resolve(void turns.push(lane)),
      now: () => clock.now,
      // The clock stands still: whoever waits, waits for ever.
      wait: () => new Promise(() => undefined),
    });
    const ask = () => budget.take('events', 1).then(() => void begun.push(clock.now));
    return { clock, turns, begun, budget, ask };
  };
  const isTheirs = (error: unknown): boolean =>
    isFailure(error) && error.code === 'graph.throttled' && error.details.ours === true;

  it('is read at once or not at all: what waited would be asked for when the turn is another’s', async () => {
    const { clock, turns, begun, ask } = open();
    const settled = await Promise.allSettled(Array.from({ length: 12 }, ask));
    assert.equal(begun.length, 5);
    assert.ok(settled.every((one) => one.status === 'fulfilled' || isTheirs(one.reason)));
    assert.equal(turns.length, 5, 'a refusal lengthens no turn');
    clock.now = 10_200;
    await ask();
    assert.equal(begun.length, 6);
  });

  it('is not waited for while a Retry-After lasts', async () => {
    const { clock, budget, ask } = open();
    budget.throttled('events', 3_000);
    await assert.rejects(ask(), isTheirs);
    clock.now = 3_000;
    await ask();
  });
});
