import assert from 'node:assert/strict';
import { Failure, isFailure } from '@muster/contracts';
import { createBudget, type Budget } from './budget.js';
import { createGuard, type TenantState } from './guard.js';
import type { GraphAnswer, GraphRequest } from './microsoft-graph.js';

const free: Budget = {
  take: () => Promise.resolve(),
  throttled: () => undefined,
  used: () => undefined,
  resize: () => undefined,
  outlook: () => ({ unitsPerWindow: 100, windowMs: 10_000, startsInMs: 0 }),
};
const good: GraphAnswer = { status: 200, body: {}, observedAt: '2026-01-01T00:00:00.000Z' };
const read: GraphRequest = { method: 'GET', path: '/users', what: 'list people' };
const secretIsWrong = new Failure('token.refused', 'The client secret is wrong.', {
  retryable: false,
  details: { aadsts: 7_000_215 },
});
const away = new Failure('graph.unavailable', 'away', { retryable: true });

type Told = { states: readonly TenantState[] };
const statesOf = ({ states }: Told): string[] => states.map(({ state }) => state);
const quarantines = ({ states }: Told): TenantState[] => states.filter(({ state }) => state === 'quarantined');

/** A tenant's Graph that answers as told, under a clock that only the test moves. */
function createBench(budget: Budget = free) {
  const bench = {
    now: 0,
    answers: (): Promise<GraphAnswer> => Promise.resolve(good),
    asked: [] as GraphRequest[],
    states: [] as TenantState[],
  };
  const guard = createGuard({
    transport: (request) => {
      bench.asked.push(request);
      return bench.answers();
    },
    budgets: { identity: budget, reports: budget, subscriptions: budget },
    now: () => bench.now,
    onState: (state) => bench.states.push(state),
  });
  const failure = async (): Promise<Failure> => {
    const outcome: unknown = await guard
      .of('events')(read)
      .catch((error: unknown) => error);
    assert.ok(isFailure(outcome), 'went well');
    return outcome;
  };
  return { bench, guard, failure };
}

describe('the guard of a tenant', () => {
  it('asks nobody while a wrong secret is in quarantine, says the same, and is loud once', async () => {
    const { bench, failure } = createBench();
    bench.answers = () => Promise.reject(secretIsWrong);
    await failure();
    for (let call = 0; call < 100; call += 1) {
      const { code, details, retryAfterMs } = await failure();
      assert.deepEqual(
        [code, details.aadsts, details.quarantined, retryAfterMs],
        ['token.refused', 7_000_215, true, 5_000],
      );
    }
    assert.equal(bench.asked.length, 1);
    assert.deepEqual(statesOf(bench), ['quarantined']);
  });

  it('heals by itself: one probe when the time is up', async () => {
    const { bench, guard, failure } = createBench();
    bench.answers = () => Promise.reject(secretIsWrong);
    await failure();
    bench.now = 5_000;
    bench.answers = () => Promise.resolve(good);
    assert.deepEqual(await guard.of('full')(read), good);
    assert.deepEqual(statesOf(bench), ['quarantined', 'well']);
  });

  it('tells its first good answer, for another process or secret may have told of trouble before', async () => {
    const { bench, guard } = createBench();
    bench.answers = () => Promise.reject(new Failure('graph.forbidden', 'not this one', { retryable: false }));
    await assert.rejects(guard.of('full')(read), { code: 'graph.forbidden' });
    assert.deepEqual(statesOf(bench), []);
    bench.answers = () => Promise.resolve(good);
    for (let call = 0; call < 3; call += 1) await guard.of('full')(read);
    assert.deepEqual(statesOf(bench), ['well']);
  });

  it('ends by a sign-in that went well elsewhere', async () => {
    const { bench, guard, failure } = createBench();
    bench.answers = () => Promise.reject(secretIsWrong);
    await failure();
    bench.answers = () => Promise.resolve(good);
    guard.well();
    assert.deepEqual(await guard.of('events')(read), good);
  });

  it('begins with five outages in a row; what was not found or not allowed is no trouble', async () => {
    const { bench, failure } = createBench();
    for (const code of ['graph.not-found', 'graph.forbidden', 'graph.gone', 'graph.conflict']) {
      bench.answers = () => Promise.reject(new Failure(code, code, { retryable: false }));
      for (let call = 0; call < 10; call += 1) await failure();
    }
    assert.deepEqual(quarantines(bench), []);
    bench.answers = () => Promise.reject(away);
    for (let call = 0; call < 5; call += 1) await failure();
    const { details } = await failure();
    assert.equal(details.quarantined, true);
  });

  it('does not begin since full reads, which Graph throttles first, have to wait', async () => {
    const { bench, guard, failure } = createBench();
    const throttled = new Failure('graph.throttled', 'slow down', { retryable: true, retryAfterMs: 60_000 });
    bench.answers = () => Promise.reject(throttled);
    await assert.rejects(guard.of('full')(read), { code: 'graph.throttled' });
    assert.deepEqual(quarantines(bench), []);
    await failure();
    assert.equal(quarantines(bench).length, 1, 'events that have to wait are a storm');
  });

  it('of a tenant in trouble costs three hundred others nothing', async () => {
    const noisy = createBench();
    noisy.bench.answers = () => Promise.reject(away);
    const others = Array.from({ length: 300 }, () => createBench());
    for (let round = 0; round < 20; round += 1) {
      await noisy.failure();
      await Promise.all(others.map(({ guard }) => guard.of('events')(read)));
    }
    assert.equal(noisy.bench.asked.length, 5);
    assert.deepEqual([...new Set(others.map(({ bench }) => bench.asked.length))], [20]);
  });

  it('tells Graph the priority of each lane, and the budget what Graph says of the limit', async () => {
    const told: [string, unknown][] = [];
    const { bench, guard } = createBench({
      ...free,
      used: (share) => told.push(['used', share]),
      throttled: (lane, ms) => told.push([lane, ms]),
    });
    bench.answers = () => Promise.resolve({ ...good, used: 0.95 });
    for (const lane of ['events', 'delta', 'full'] as const) await guard.of(lane)(read);
    assert.deepEqual(
      bench.asked.map(({ headers }) => headers?.['x-ms-throttle-priority']),
      ['High', 'Normal', 'Low'],
    );
    assert.deepEqual(told.splice(0), Array(3).fill(['used', 0.95]));
    bench.answers = () => Promise.reject(new Failure('graph.throttled', 't', { retryable: true, retryAfterMs: 2_128 }));
    await guard
      .of('full')(read)
      .catch(() => undefined);
    assert.deepEqual(told, [['full', 2_128]]);
  });

  it('tells no priority to buckets that no other lane reads from: a low one would lose a fifth of the report’s calls', async () => {
    const { bench, guard } = createBench();
    for (const path of ['/reports/authenticationMethods/userRegistrationDetails', '/subscriptions'])
      await guard.of('full')({ ...read, path });
    assert.deepEqual(
      bench.asked.map(({ headers }) => headers),
      [{}, {}],
    );
  });

  it('obeys the Retry-After inside a batch, a fraction or a date', async () => {
    const told: unknown[] = [];
    const { bench, guard } = createBench({ ...free, throttled: (_, ms) => told.push(ms) });
    const responses = [
      { id: '1', status: 200 },
      { id: '2', status: 429, headers: { 'Retry-After': '2.128' } },
      { id: '3', status: 429, headers: { 'retry-after': '1' } },
    ];
    bench.answers = () => Promise.resolve({ ...good, body: { responses } });
    await guard.of('events')({ method: 'POST', path: '/$batch', body: { requests: [] }, what: 'read people' });
    assert.deepEqual(told, [2_128]);
  });
});

describe('the guard of a tenant that fails inside of batches', () => {
  type Part = { status: number; headers?: Record<string, string> };
  const batch: GraphRequest = { method: 'POST', path: '/$batch', body: { requests: [] }, what: 'read people' };
  const toAnswer = (parts: readonly Part[]) => (): Promise<GraphAnswer> =>
    Promise.resolve({ ...good, body: { responses: parts.map((part, id) => ({ id: String(id), ...part })) } });
  const send = async ({ bench, guard }: ReturnType<typeof createBench>, parts: readonly Part[]) => {
    bench.answers = toAnswer(parts);
    return guard.of('events')(batch);
  };
  const wait = (seconds: string): Part => ({ status: 429, headers: { 'Retry-After': seconds } });

  const storms: [string, Part[]][] = [
    ['throttled, without a wait', [{ status: 429 }, { status: 429 }]],
    ['throttled, with short waits', [wait('1'), wait('2.5')]],
    ['away', [{ status: 503 }, { status: 500 }]],
    ['throttled or away', [{ status: 429 }, { status: 504 }]],
  ];
  for (const [name, parts] of storms)
    it(`begins with the fifth batch in a row whose parts are all ${name}`, async () => {
      const tenant = createBench();
      for (let call = 0; call < 4; call += 1) await send(tenant, parts);
      assert.equal(tenant.bench.states.length, 0);
      await send(tenant, parts);
      assert.deepEqual(statesOf(tenant.bench), ['quarantined']);
      await assert.rejects(send(tenant, parts), ({ details, code }: Failure) => {
        assert.equal(code, parts.some(({ status }) => status >= 500) ? 'graph.unavailable' : 'graph.throttled');
        return details.quarantined === true;
      });
      assert.equal(tenant.bench.asked.length, 5);
    });

  it('begins at once with a long wait, the longest of the parts, and when no part takes the token', async () => {
    const long = createBench();
    await send(long, [wait('1'), wait('42.5'), wait('3')]);
    assert.deepEqual(
      long.bench.states.map((state) => state.state === 'quarantined' && state.until),
      [42_500],
    );
    const refused = createBench();
    await send(refused, [{ status: 401 }, { status: 401 }]);
    assert.equal(refused.bench.states[0]?.state, 'quarantined');
  });

  it('does not begin while some part is answered, also by what is not there or not allowed', async () => {
    const tenant = createBench();
    for (const status of [200, 204, 404, 403])
      for (let call = 0; call < 20; call += 1) await send(tenant, [wait('60'), { status }, { status: 503 }]);
    for (let call = 0; call < 20; call += 1) await send(tenant, []);
    assert.deepEqual(statesOf(tenant.bench), ['well']);
  });

  it('goes on when the probe is such a batch, and ends with one in which some part is answered', async () => {
    const tenant = createBench();
    for (let call = 0; call < 5; call += 1) await send(tenant, [{ status: 429 }]);
    tenant.bench.now = 1_000;
    await send(tenant, [{ status: 429 }]);
    await assert.rejects(send(tenant, [{ status: 200 }]), { code: 'graph.throttled' });
    tenant.bench.now = 3_000;
    await send(tenant, [{ status: 429 }, { status: 200 }]);
    assert.deepEqual(
      tenant.bench.states.map((one) => (one.state === 'quarantined' ? one.count : one.state)),
      [1, 2, 'well'],
    );
  });

  it('does not begin with full reads, which Graph throttles first', async () => {
    const { bench, guard } = createBench();
    bench.answers = toAnswer([wait('60')]);
    for (let call = 0; call < 10; call += 1) await guard.of('full')(batch);
    assert.deepEqual(quarantines(bench), []);
  });
});

describe('the budget in its lanes', () => {
  /** A clock that jumps to the end of each wait. */
  function createTimed(units: number) {
    const clock = { now: 0 };
    const budget = createBudget({
      allowance: { units, windowMs: 10_000 },
      now: () => clock.now,
      wait: (ms) => {
        clock.now += ms;
        return new Promise((resolve) => setImmediate(resolve));
      },
    });
    return { clock, budget };
  }

  it('lets events pass full reads that wait, and starves neither', async () => {
    const { clock, budget } = createTimed(100);
    const done: string[] = [];
    const ask = (lane: 'events' | 'full') => budget.take(lane, 1).then(() => done.push(lane));
    const full = Array.from({ length: 60 }, () => ask('full'));
    const events = Array.from({ length: 30 }, () => ask('events'));
    await Promise.all([...full, ...events]);
    const lastEvent = done.lastIndexOf('events');
    assert.ok(done.slice(0, lastEvent).filter((lane) => lane === 'full').length <= 12, done.join(' '));
    assert.ok(done.indexOf('full') < lastEvent, 'a full read got a turn among the events');
    assert.ok(clock.now <= 12_000, `${clock.now} ms`);
  });

  it('lets no event wait for a full read that Graph told to wait', async () => {
    const allowance = { units: 1_000, windowMs: 10_000 };
    const forever = () => new Promise<void>(() => undefined);
    const budget = createBudget({ allowance, now: () => 0, wait: forever });
    budget.throttled('full', 20_000);
    void budget.take('full', 1);
    const events = Array.from({ length: 20 }, () => budget.take('events', 1));
    await Promise.all(events);
  });

  it('refuses at once what would have to wait too long, and says how long', async () => {
    const { budget } = createTimed(100);
    budget.throttled('events', 42_500);
    const outcome: unknown = await budget.take('events', 1).catch((error: unknown) => error);
    assert.ok(isFailure(outcome));
    assert.deepEqual([outcome.code, outcome.retryable, outcome.retryAfterMs], ['graph.throttled', true, 42_500]);
  });
});
