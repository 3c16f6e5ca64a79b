import assert from 'node:assert/strict';
import { type IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import { createWorld, MINUTE, toSettings, type World } from '../test/support/model-world.js';

const SECOND = 1_000;

describe('the inventory ahead of its time', () => {
  let world: World;
  let settings: IntegrationSettings;
  /** Calls for the list, of all copies. */
  let lists: number;
  const nowAs = (): string => new Date(world.clock.now).toISOString();
  const change = (fields: Partial<IntegrationSettings>): void => {
    settings = { ...settings, ...fields, revision: settings.revision + 1, updatedAt: nowAs() };
    world.save(settings);
  };
  const resume = (): void => change({ state: 'active', resumedAt: nowAs() });
  const graph = () => world.graphOf(settings.tenantId);
  const copy = (options: Parameters<World['keeper']>[0] = {}) => {
    const listSubscriptions: Graph['listSubscriptions'] = () => {
      lists += 1;
      return graph().graph.listSubscriptions();
    };
    return world.keeper({ graphFor: () => ({ ...graph().graph, listSubscriptions }) as Graph, ...options });
  };
  /** Looks of every second and minute, but no regular inventory. */
  const run = async (seconds: number, ...keepers: ReturnType<typeof copy>[]): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await Promise.all(keepers.map((keeper) => keeper.lookAtNew()));
      if (second % 60 === 59) await Promise.all(keepers.map((keeper) => keeper.lookAtAll()));
      world.clock.now += SECOND;
    }
  };

  beforeEach(async () => {
    world = createWorld();
    lists = 0;
    settings = toSettings({ startedAt: nowAs() });
    world.save(settings);
    await run(120, copy());
    assert.equal(lists, 0, 'what was just made needs none');
  });

  afterEach(() => world.end());

  it('finds in the first look behind a pause that Graph has lost the subscription, and makes it anew', async () => {
    const keeper = copy();
    await run(2, keeper);
    change({ state: 'paused' });
    await run(120, keeper);
    graph().lose(graph().live()[0]!.subscriptionId);
    assert.equal(lists, 0);
    resume();
    await run(1, keeper);
    assert.deepEqual([lists, graph().live().length], [1, 1]);
    const sweeps = world.published.filter(({ topic }) => topic === 'requests');
    assert.equal(sweeps.length, 2, 'the gap is swept');
  });

  it('is made once for a resume, by however many copies, and not again behind restarts and edits', async () => {
    const copies = [copy(), copy(), copy()];
    change({ state: 'paused' });
    await run(5, ...copies);
    resume();
    await run(120, ...copies);
    assert.equal(lists, 1);
    await run(120, copy(), copy());
    change({ name: 'another' });
    await run(120, ...copies);
    assert.equal(lists, 1);
    change({ state: 'paused' });
    resume();
    await run(120, ...copies);
    assert.equal(lists, 2, 'the next resume');
  });

  it('is the regular one where that comes first', async () => {
    change({ state: 'paused' });
    world.clock.now += MINUTE;
    resume();
    const keeper = copy();
    await keeper.lookAtAll({ inventory: true });
    await run(120, keeper);
    assert.equal(lists, 1);
  });

  it('is made again until Graph tells its list, with each look of the minute', async () => {
    change({ state: 'paused' });
    world.clock.now += MINUTE;
    resume();
    graph().refuse({ code: 'graph.unavailable', status: 503, retryable: true });
    const keeper = copy();
    await run(130, keeper);
    assert.equal(lists, 3);
    graph().refuse(null);
    await run(120, keeper);
    assert.equal(lists, 4);
  });

  it('is made again where the service was killed before it had done what the list asks for', async () => {
    change({ state: 'paused' });
    world.clock.now += MINUTE;
    graph().lose(graph().live()[0]!.subscriptionId);
    resume();
    const killed = copy({
      graphFor: () => ({ ...graph().graph, createSubscription: world.hang }) as unknown as Graph,
      patienceMs: 1,
    });
    await killed.lookAtNew();
    world.clock.now += MINUTE;
    await run(1, copy());
    assert.equal(graph().live().length, 1);
  });

  describe('behind changes of people that nobody announced', () => {
    /** A sweep of the three minutes until now, judged. */
    const sweep = (lost: number): void => {
      const { integrationId, tenantId } = settings;
      const from = new Date(world.clock.now - 3 * MINUTE).toISOString();
      world.sweeps.push({
        ...{ sweepId: `${integrationId}/${from}`, integrationId, tenantId, from, to: nowAs(), state: 'covered' },
        ...{ rows: lost, announced: 0, found: lost, lost, worstDelayMs: 0, suspects: [], judgedAt: nowAs() },
      });
    };

    it('is made with the next look of the minute, once for each sweep that lost some', async () => {
      const copies = [copy(), copy()];
      await run(600, ...copies);
      sweep(0);
      await run(120, ...copies);
      assert.equal(lists, 0);
      graph().lose(graph().live()[0]!.subscriptionId);
      await run(180, ...copies);
      sweep(2);
      await run(60, ...copies);
      assert.deepEqual([lists, graph().live().length], [1, 1]);
      await run(600, ...copies, copy());
      assert.equal(lists, 1);
    });

    it('is made again for the next such sweep where the subscription is there all the same', async () => {
      const keeper = copy();
      await run(600, keeper);
      for (let times = 1; times <= 3; times += 1) {
        sweep(1);
        await run(180, keeper);
        assert.equal(lists, times);
      }
      assert.deepEqual(
        graph().calls.map(({ kind }) => kind),
        ['create'],
      );
    });
  });
});
