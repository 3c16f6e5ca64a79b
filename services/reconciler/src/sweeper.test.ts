import assert from 'node:assert/strict';
import { Failure, toPlanState, type CandidateState, type CursorRecord } from '@muster/contracts';
import { createMetrics } from '@muster/telemetry';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { createTenant, type Tenant } from '../test/support/tenant.js';
import { createSweepMetrics } from './sweep-metrics.js';
import { createSweeper } from './sweeper.js';

const PERIOD = 15_000;

function setUp(concurrency: number) {
  const ports = createMemoryPorts();
  const { store } = ports.deps;
  /** `judgingOf`: behind the record with this number. */
  const fails = { ofSave: 0, judgingOf: 0 };
  /** Plans that wait, as told at each look. */
  const waiting: number[] = [];
  const sweeper = createSweeper({
    ...ports.deps,
    concurrency,
    patienceMs: 20,
    store: {
      ...store,
      coverage: {
        ...store.coverage,
        unjudged: () =>
          fails.judgingOf === ports.sweeps.length && fails.judgingOf > 0
            ? Promise.reject(new Error('no judging'))
            : Promise.resolve([]),
      },
      cursors: {
        get: store.cursors.get,
        ofIntegration: store.cursors.ofIntegration,
        all: () => store.cursors.all(),
        save: (record: CursorRecord) =>
          fails.ofSave-- > 0 ? Promise.reject(new Error('killed')) : store.cursors.save(record),
      },
      subscriptions: { ofIntegration: () => Promise.resolve([]) },
      removals: { integrationsWithHeld: () => Promise.resolve([]), heldOf: () => Promise.resolve([]) },
      lag: { canaries: () => Promise.resolve([]) },
    } as never,
    sweepMetrics: {
      ...createSweepMetrics(createMetrics({ service: 'test' })),
      plansWaiting: (count) => void waiting.push(count),
    },
    usersDeltaEvery: PERIOD,
    groupDeltaEvery: PERIOD,
    lostAfter: 1,
    handledUntil: () => Promise.resolve(new Date()),
    periods: { usersDeltaEvery: PERIOD, groupDeltaEvery: PERIOD, sweepMinInterval: 10_000 },
    askForFullRead: () => undefined,
  });
  const add = (): Tenant => {
    const tenant = createTenant(() => ports.clock.now);
    tenant.settings.groupId = null;
    const { integrationId, tenantId } = tenant.settings;
    const at = ports.clock.now.toISOString();
    const cursor: CursorRecord = {
      integrationId,
      tenantId,
      kind: 'users',
      groupId: null,
      links: [{ deltaLink: 'https://graph.test/next?page=0', groupIds: [] }],
      tree: [],
      takenAt: at,
      sweptAt: at,
      baselineSnapshotId: null,
      baselineEndedAt: null,
      resetAt: null,
      failure: null,
      revision: 1,
    };
    ports.settings.set(integrationId, tenant.settings);
    ports.graphs.set(integrationId, tenant);
    ports.cursors.set(`${integrationId}/users`, cursor);
    return tenant;
  };
  const cursorOf = ({ settings }: Tenant) => ports.cursors.get(`${settings.integrationId}/users`)!;
  const pass = (ms: number): void => {
    ports.clock.now = new Date(ports.clock.now.getTime() + ms);
  };
  return { ports, sweeper, add, cursorOf, pass, fails, waiting };
}

describe('createSweeper', () => {
  it('keeps the period of 200 tenants while more of them hang than there are slots, and one has a broken secret', async () => {
    const { ports, sweeper, add, cursorOf, pass } = setUp(4);
    const good = Array.from({ length: 193 }, add);
    const hanging = Array.from({ length: 6 }, add);
    const broken = add();
    ports.graphs.delete(broken.settings.integrationId);
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    for (const { graph } of hanging)
      graph.userDeltaPages = async function* hang() {
        await answered;
        yield* [];
        throw new Failure('graph.unavailable', 'Graph was silent.', { retryable: false });
      };
    for (let round = 1; round <= 3; round += 1) {
      pass(PERIOD);
      const due = ports.clock.now.toISOString();
      await sweeper.look();
      const limit = performance.now() + 20_000;
      while (good.some((tenant) => cursorOf(tenant).sweptAt < due)) {
        assert.ok(performance.now() < limit, `round ${round}: somebody was not swept in time`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    assert.ok(hanging.every((tenant) => cursorOf(tenant).revision === 1));
    assert.equal(cursorOf(broken).failure?.code, 'token.refused');
    // It heals by itself: the next sweep that is due goes through.
    ports.graphs.set(broken.settings.integrationId, broken);
    pass(10 * 60_000);
    await sweeper.look();
    answer();
    await sweeper.idle();
    assert.equal(cursorOf(broken).failure, null);
  }).timeout(60_000);

  it('keeps one record of an interval, though its sweep is made again, and none that is not whole', async () => {
    const { ports, sweeper, add, cursorOf, pass, fails } = setUp(4);
    const tenant = add();
    const from = cursorOf(tenant).takenAt;
    const sweep = async (): Promise<void> => {
      pass(PERIOD);
      await sweeper.look();
      await sweeper.idle();
    };
    // The service is killed behind the ledger, ahead of the cursor.
    fails.ofSave = 2;
    await sweep();
    assert.equal(cursorOf(tenant).takenAt, from);
    await sweep();
    const to = cursorOf(tenant).takenAt;
    assert.deepEqual(
      ports.sweeps.map((record) => [record.from, record.to]),
      [[from, to]],
    );
    // What cannot be judged now is judged later: the sweep went well.
    fails.judgingOf = 2;
    await sweep();
    assert.equal(cursorOf(tenant).failure, null);
    assert.deepEqual(
      ports.sweeps.map((record) => record.from),
      [from, to],
    );
  });

  it('keeps what was asked of an integration that was resumed during the look', async () => {
    const { ports, sweeper, add, cursorOf, pass } = setUp(4);
    const tenant = add();
    const { integrationId } = tenant.settings;
    ports.settings.set(integrationId, { ...tenant.settings, state: 'paused' });
    pass(PERIOD - 4_000);
    const { all } = ports.deps.store.cursors;
    ports.deps.store.cursors.all = () => {
      ports.settings.set(integrationId, tenant.settings);
      sweeper.request(integrationId, { reason: 'asked', requestedAt: ports.clock.now.toISOString() });
      ports.deps.store.cursors.all = all;
      return all();
    };
    for (let looks = 0; looks < 2; looks += 1) {
      await sweeper.look();
      await sweeper.idle();
    }
    assert.equal(cursorOf(tenant).revision, 2);
  });

  it('leaves a token that Graph no longer takes, once, and asks for no sweep by it again', async () => {
    const { ports, sweeper, add, cursorOf, pass } = setUp(4);
    const tenant = add();
    let asked = 0;
    tenant.beforeDelta = () => {
      asked += 1;
      throw new Failure('graph.gone', 'Graph answered 410.', { retryable: false });
    };
    for (let round = 0; round < 5; round += 1) {
      pass(PERIOD);
      await sweeper.look();
      await sweeper.idle();
    }
    assert.equal(asked, 1);
    assert.deepEqual(cursorOf(tenant).links, []);
    assert.notEqual(cursorOf(tenant).resetAt, null);
    assert.deepEqual(ports.sweeps, []);
  });

  it('counts the tokens that Graph refused one after the other, until one is taken', async () => {
    const { ports, sweeper, add, cursorOf, pass } = setUp(4);
    const tenant = add();
    const { links } = cursorOf(tenant);
    const counts: (number | undefined)[] = [];
    for (const isRefused of [true, true, false, true]) {
      tenant.beforeDelta = () => {
        if (isRefused) throw new Failure('graph.gone', 'Graph answered 410.', { retryable: false });
      };
      const cursor = cursorOf(tenant);
      ports.cursors.set(`${cursor.integrationId}/users`, { ...cursor, links });
      pass(PERIOD);
      await sweeper.look();
      await sweeper.idle();
      counts.push(cursorOf(tenant).resets);
    }
    assert.deepEqual(counts, [1, 2, 0, 1]);
  });

  it('ends the plans of a group that is no longer the chosen one, and makes no run for them', async () => {
    const { ports, sweeper, add, waiting } = setUp(4);
    const tenant = add();
    const { integrationId, tenantId } = tenant.settings;
    const former = '00000000-0000-4000-8000-00000000000f';
    const at = ports.clock.now.toISOString();
    const put = (planId: string, groupId: string | null, ...states: CandidateState[]) =>
      ports.plans.set(planId, {
        ...{ planId, integrationId, tenantId, groupId, reason: 'The chosen group is gone.', inScope: 350 },
        candidates: states.map((state, index) => ({ userId: `${index}`, why: 'group-vanished', state })),
        ...{ state: toPlanState(states.map((state) => ({ state }))), createdAt: at, updatedAt: at },
        ...{ decidedAt: null, decidedBy: null },
      });
    put('waits', former, 'waiting', 'removed');
    put('allowed', former, 'allowed', 'refused');
    put('present', null, 'waiting');
    let runs = 0;
    const { acquire } = ports.deps.store.leases;
    ports.deps.store.leases.acquire = (...of) => {
      runs += of[0].startsWith('sweeper/') ? 1 : 0;
      return acquire(...of);
    };
    for (let second = 0; second < 5; second += 1) {
      await sweeper.look();
      await sweeper.idle();
    }
    const ended = [...ports.plans.values()].map(({ planId, state, candidates }) => [
      planId,
      state,
      candidates.map((one) => one.state).join(),
    ]);
    assert.deepEqual(ended, [
      ['waits', 'done', 'superseded,removed'],
      ['allowed', 'refused', 'superseded,refused'],
      ['present', 'waiting', 'waiting'],
    ]);
    assert.match(ports.plans.get('waits')!.reason, /^The chosen group is gone\. .*no longer by group/);
    assert.deepEqual([new Set(waiting), runs], [new Set([1]), 0]);
  });

  it('sweeps on while somebody whose removal was allowed cannot be read, and asks seldom about them', async () => {
    const { ports, sweeper, add, cursorOf, pass } = setUp(4);
    const tenant = add();
    const { integrationId, tenantId } = tenant.settings;
    const at = ports.clock.now.toISOString();
    ports.plans.set('plan', {
      planId: 'plan',
      integrationId,
      tenantId,
      groupId: null,
      reason: 'too many',
      candidates: [{ userId: '00000000-0000-4000-8000-0000000000ff', why: 'absent', state: 'allowed' }],
      inScope: 10,
      state: 'allowed',
      createdAt: at,
      updatedAt: at,
      decidedAt: at,
      decidedBy: 'key',
    });
    let asked = 0;
    tenant.graph.readUsers = () => {
      asked += 1;
      throw new Failure('graph.forbidden', 'Graph answered 403.', { retryable: false });
    };
    for (let second = 0; second < 60; second += 1) {
      pass(1_000);
      await sweeper.look();
      await sweeper.idle();
    }
    assert.ok(cursorOf(tenant).revision >= 4, `swept ${cursorOf(tenant).revision - 1} times in a minute`);
    assert.equal(cursorOf(tenant).failure, null);
    assert.equal(asked, 5, 'at once, and 2, 6, 14 and 30 s later');
  });
});
