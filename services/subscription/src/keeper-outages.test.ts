import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Failure, type IntegrationSettings } from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import type { Graph } from '@muster/graph-client';
import type { LeasesStore } from '@muster/store';
import { eventually } from '@muster/test-support';
import { createWorld, DAY, MINUTE, toSettings, type World } from '../test/support/model-world.js';

type Wanted = Parameters<Graph['createSubscription']>[0];
const SECOND = 1_000;
const away = { code: 'graph.unavailable', status: 503, retryable: true };

describe('the keeper of subscriptions in an outage', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.end());

  const creatingBy =
    (create: (tenantId: string, wanted: Wanted) => Promise<unknown>) =>
    ({ tenantId }: { tenantId: string }): Graph =>
      ({
        ...world.graphOf(tenantId).graph,
        createSubscription: (wanted: Wanted) => create(tenantId, wanted),
      }) as Graph;

  it('asks for the sweep after a creation once the log is back, once, also after a restart', async () => {
    const settings = toSettings();
    world.save(settings);
    const publish = () => Promise.reject(new Failure('log.unavailable', 'away', { retryable: true }));
    await world.keeper({ publisher: { publish } }).lookAtAll();
    const asked: OutgoingEvent[] = [];
    const back = world.keeper({ publisher: { publish: (events) => Promise.resolve(void asked.push(...events)) } });
    for (let minute = 0; minute < 5; minute += 1) {
      world.clock.now += MINUTE;
      await back.lookAtAll();
    }
    const events = asked.map(({ topic, key }) => [topic, key]);
    assert.deepEqual(events, [['requests', settings.tenantId]]);
    const calls = world.graphOf(settings.tenantId).calls.map(({ kind }) => kind);
    assert.deepEqual(calls, ['create']);
  });

  it('starts a tenant while another one hangs, and waits for that one when it stops', async () => {
    const [slow, quick] = [toSettings(), toSettings()];
    world.save(slow);
    let answer = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const graphFor = creatingBy(async (tenantId, wanted) => {
      if (tenantId === slow.tenantId) await hanging;
      return world.graphOf(tenantId).graph.createSubscription(wanted);
    });
    const keeper = world.keeper({ graphFor, patienceMs: 20 });
    await keeper.lookAtNew();
    world.save(quick);
    await keeper.lookAtNew();
    const livingAt = ({ tenantId }: typeof slow): number => world.graphOf(tenantId).live().length;
    assert.deepEqual([livingAt(slow), livingAt(quick)], [0, 1]);
    answer();
    await keeper.stop();
    assert.equal(livingAt(slow), 1);
  });

  it('does not ask a throttling Graph again before Retry-After has passed', async () => {
    world.save(toSettings());
    const asked: number[] = [];
    const graphFor = creatingBy(() => {
      asked.push(world.clock.now);
      const options = { retryable: true, retryAfterMs: 20 * MINUTE, details: { status: 429 } };
      return Promise.reject(new Failure('graph.throttled', 'wait', options));
    });
    const keeper = world.keeper({ graphFor });
    for (let minute = 0; minute < 30; minute += 1) {
      await keeper.lookAtAll();
      await keeper.lookAtNew();
      world.clock.now += MINUTE;
    }
    assert.deepEqual(
      asked.map((at) => at - asked[0]!),
      [0, 20 * MINUTE],
    );
  });

  it('tries a start that failed again within seconds', async () => {
    const settings = toSettings();
    world.save(settings);
    const graph = world.graphOf(settings.tenantId);
    const keeper = world.keeper();
    graph.refuse(away);
    await keeper.lookAtNew();
    graph.refuse(null);
    for (let second = 0; second < 3; second += 1) {
      world.clock.now += SECOND;
      await keeper.lookAtNew();
    }
    assert.equal(graph.live().length, 1);
  });

  it('asks a Graph that is away for long ever less often', async () => {
    const settings = toSettings();
    world.save(settings);
    const graph = world.graphOf(settings.tenantId);
    const keeper = world.keeper();
    graph.refuse(away);
    for (let minute = 0; minute < DAY / MINUTE; minute += 1) {
      await keeper.lookAtNew();
      world.clock.now += MINUTE;
    }
    const [record] = world.records.values();
    assert.equal(record?.status, 'missing');
    // Every five minutes in the end, 288 a day, which is little for Graph: ten kept a tenant unheard for longer than it was away.
    assert.ok(record.failure && record.failure.count <= 300, String(record.failure?.count));
  });

  it('never runs twice at a time for one integration in one copy', async () => {
    world.save(toSettings());
    let running = 0;
    let most = 0;
    const graphFor = creatingBy(async (tenantId, wanted) => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return world.graphOf(tenantId).graph.createSubscription(wanted);
    });
    const keeper = world.keeper({ graphFor });
    await Promise.all([keeper.lookAtNew(), keeper.lookAtAll({ inventory: true }), keeper.lookAtAll()]);
    assert.equal(most, 1);
  });

  it('leaves the rest to the copy that took the lease over while Graph was slow', async () => {
    const settings = { ...toSettings(), groupId: randomUUID() };
    world.save(settings);
    const created: string[] = [];
    let asked = 0;
    const leases: LeasesStore = {
      acquire: () => Promise.resolve((asked += 1) === 1),
      release: () => Promise.resolve(),
    };
    const graphFor = creatingBy(async (tenantId, wanted) => {
      created.push(wanted.resource);
      await eventually(() => asked > 1, { within: 5_000, what: 'the lease was to be renewed' });
      return world.graphOf(tenantId).graph.createSubscription(wanted);
    });
    await world.keeper({ graphFor, leaseMs: 30, store: { ...world.store, leases } }).lookAtAll();
    assert.equal(created.length, 1, `created ${created.join(', ')}`);
    await world.keeper().lookAtAll();
    assert.equal(world.graphOf(settings.tenantId).live().length, 2);
  });

  describe('and notifications of the lifecycle', () => {
    /** Subscribed 11 min ago, so that a PATCH is allowed. */
    const subscribe = async (count: number) => {
      const all = Array.from({ length: count }, () => toSettings());
      all.forEach(world.save);
      await world.keeper().lookAtAll();
      world.clock.now += 11 * MINUTE;
      return all;
    };
    const toEvent = ({ integrationId, tenantId }: IntegrationSettings) => ({
      version: 1 as const,
      integrationId,
      tenantId,
      subscriptionId: world.graphOf(tenantId).live()[0]!.subscriptionId,
      lifecycleEvent: 'reauthorizationRequired',
      receivedAt: new Date(world.clock.now).toISOString(),
    });
    const patchesOf = ({ tenantId }: IntegrationSettings): number =>
      world.graphOf(tenantId).calls.filter(({ kind }) => kind === 'patch').length;

    it('takes those of a tenant while another one hangs, whatever comes for that one', async () => {
      const [slow, quick] = (await subscribe(2)) as [IntegrationSettings, IntegrationSettings];
      let answer = (): void => undefined;
      const hanging = new Promise<void>((resolve) => (answer = resolve));
      const graphFor = ({ tenantId }: { tenantId: string }): Graph => {
        const { graph } = world.graphOf(tenantId);
        const renewSubscription: Graph['renewSubscription'] = async (id, expiresAt) => {
          if (tenantId === slow.tenantId) await hanging;
          return graph.renewSubscription(id, expiresAt);
        };
        return { ...graph, renewSubscription } as Graph;
      };
      const keeper = world.keeper({ graphFor, eventPatienceMs: 20 });
      for (let times = 0; times < 5; times += 1) await keeper.onLifecycle(toEvent(slow));
      await keeper.onLifecycle(toEvent(quick));
      assert.deepEqual([patchesOf(slow), patchesOf(quick)], [0, 1]);
      answer();
      await keeper.stop();
      assert.equal(patchesOf(slow), 1);
    });

    describe('that were left aside for a slow Graph when the service was killed', () => {
      /** The killed copy waits for Graph for ever, and its lease has run out. */
      const takeAndBeKilled = async (settings: IntegrationSettings, lifecycleEvent: string): Promise<void> => {
        const graphFor = ({ tenantId }: { tenantId: string }): Graph =>
          ({
            ...world.graphOf(tenantId).graph,
            renewSubscription: world.hang,
            createSubscription: world.hang,
          }) as unknown as Graph;
        const killed = world.keeper({ graphFor, eventPatienceMs: 20 });
        await killed.onLifecycle({ ...toEvent(settings), lifecycleEvent });
        world.clock.now += MINUTE;
      };

      it('reauthorises after the next start, once', async () => {
        const [settings] = (await subscribe(1)) as [IntegrationSettings];
        await takeAndBeKilled(settings, 'reauthorizationRequired');
        assert.equal(patchesOf(settings), 0);
        const keeper = world.keeper();
        for (let minute = 0; minute < 30; minute += 1) {
          await keeper.lookAtAll();
          // Graph asks on until it sees the PATCH.
          if (minute < 5) await keeper.onLifecycle(toEvent(settings));
          world.clock.now += MINUTE;
        }
        assert.equal(patchesOf(settings), 1);
        assert.ok([...world.records.values()].every((record) => record.reauthoriseWantedAt === undefined));
      });

      it('creates anew after the next start what Graph removed, ahead of any inventory', async () => {
        const [settings] = (await subscribe(1)) as [IntegrationSettings];
        const event = toEvent(settings);
        await takeAndBeKilled(settings, 'subscriptionRemoved');
        world.graphOf(settings.tenantId).lose(event.subscriptionId);
        const keeper = world.keeper();
        for (let times = 0; times < 3; times += 1) await keeper.lookAtAll();
        assert.equal(world.graphOf(settings.tenantId).live().length, 1);
        const creations = world.graphOf(settings.tenantId).calls.filter(({ kind }) => kind === 'create');
        assert.equal(creations.length, 2);
      });
    });

    it('creates anew what Graph removed while a renewal was under way, though the copy was killed behind it', async () => {
      const [settings] = (await subscribe(1)) as [IntegrationSettings];
      const { subscriptionId } = toEvent(settings);
      const graph = world.graphOf(settings.tenantId);
      const renewSubscription: Graph['renewSubscription'] = async (id, expiresAt) => {
        const recreateWantedAt = new Date(world.clock.now).toISOString();
        await world.store.subscriptions.want(settings.integrationId, id, { recreateWantedAt });
        return graph.graph.renewSubscription(id, expiresAt);
      };
      // Due for any id: the latest falls due at 55 % of 28 days.
      world.clock.now += 16 * DAY;
      await world.keeper({ graphFor: () => ({ ...graph.graph, renewSubscription }) as Graph }).lookAtAll();
      assert.equal(patchesOf(settings), 1);
      graph.lose(subscriptionId);
      const keeper = world.keeper();
      for (let times = 0; times < 3; times += 1) await keeper.lookAtAll();
      assert.equal(graph.live().length, 1);
    });

    it('keeps to the pauses of a PATCH that failed, however many come', async () => {
      const [settings] = (await subscribe(1)) as [IntegrationSettings];
      let asked = 0;
      const renewSubscription: Graph['renewSubscription'] = () => {
        asked += 1;
        const waiting = { retryable: true, retryAfterMs: 5 * MINUTE, details: { status: 429 } };
        return Promise.reject(new Failure('graph.throttled', 'wait', waiting));
      };
      const graphFor = ({ tenantId }: { tenantId: string }): Graph =>
        ({ ...world.graphOf(tenantId).graph, renewSubscription }) as Graph;
      const keeper = world.keeper({ graphFor });
      for (let second = 0; second < 60; second += 1) {
        await keeper.onLifecycle(toEvent(settings));
        world.clock.now += SECOND;
      }
      assert.equal(asked, 1);
    });
  });
});
