import assert from 'node:assert/strict';
import { Failure, type SubscriptionRecord } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import { createWorld, DAY, MINUTE, toSettings, type World } from '../test/support/model-world.js';
import { apply, away, END, failedWith, known, live, NOW, OLD, refusal, renew } from '../test/support/apply.js';
import type { Action } from './domain/plan-subscriptions.js';

describe('a renewal whose answer was lost', () => {
  const unreached = new Failure('graph.unavailable', 'Graph cannot be reached', { retryable: true });
  const unread = new Failure('graph.malformed', 'no subscription', { retryable: true });
  const lost = [unreached, unread, refusal('graph.unavailable', 504), new TypeError('a bug')];
  const unsure = { ...known, unsureAt: new Date(NOW.getTime() - 60_000).toISOString() };
  const check = (record: SubscriptionRecord): Action => ({
    ...{ kind: 'check', record, subscriptionId: OLD, reason: 'answer lost' },
  });

  it('counts as made where the end has moved, without another', async () => {
    for (const error of lost) {
      const { record, calls } = await apply(renew(), { renew: error, read: { expiresAt: END } }, known);
      assert.deepEqual(calls, [`renew ${OLD}`, `read ${OLD}`]);
      assert.deepEqual(record, { ...known, expiresAt: END, renewedAt: NOW.toISOString() });
    }
  });

  it('stays unsure where it has not, or where Graph cannot be asked', async () => {
    for (const answers of [{}, { read: away }])
      for (const error of lost) {
        const { record, failure } = await apply(renew(), { renew: error, ...answers }, known);
        assert.deepEqual({ ...record, failure: null }, { ...known, unsureAt: NOW.toISOString() });
        assert.equal(failure?.count, 1);
      }
  });

  it('is none where Graph said that it did not make it', async () => {
    for (const error of [away, refusal('graph.throttled', 429)]) {
      const { record, calls } = await apply(renew(), { renew: error }, known);
      assert.deepEqual([calls, record?.unsureAt], [[`renew ${OLD}`], undefined]);
    }
  });

  it('is asked for again: renewed since it was sent, open still, or gone', async () => {
    const renewed = await apply(check(unsure), { read: { expiresAt: END } }, unsure);
    assert.deepEqual(renewed.record, { ...known, expiresAt: END, renewedAt: unsure.unsureAt });
    const open = await apply(check(unsure), {}, { ...unsure, failure: failedWith('graph.unavailable', 2) });
    assert.deepEqual([open.record?.unsureAt, open.failure?.code], [unsure.unsureAt, 'subscription.unsure']);
    const gone = await apply(check(unsure), { read: null }, unsure);
    assert.deepEqual([gone.record, gone.calls], [live, [`read ${OLD}`, 'create']]);
  });
});

describe('that a PATCH is sent', () => {
  it('is kept ahead of it', async () => {
    const { order, intended, record } = await apply(renew(), {}, known);
    assert.deepEqual(order, ['intend', `renew ${OLD}`]);
    assert.deepEqual(intended, [{ ...known, unsureAt: NOW.toISOString() }]);
    assert.equal(record?.unsureAt, undefined);
  });

  it('is not so where it cannot be kept', async () => {
    const intend = new Failure('store.unavailable', 'away', { retryable: true });
    const { calls, record, failure } = await apply(renew(), { intend }, known);
    assert.deepEqual([calls, record?.unsureAt, failure?.code], [[], undefined, 'store.unavailable']);
  });
});

describe('a service that is killed between the answer to a PATCH and the write of its record', () => {
  const AHEAD = 11 * MINUTE;
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.end());
  /** Graph asked for a PATCH, which got so far. */
  const killed = async (answer: (patch: () => Promise<unknown>) => Promise<unknown>, lifetimeMs = 28 * DAY) => {
    const settings = toSettings();
    world.save(settings);
    await world.keeper({ lifetimeMs }).lookAtAll();
    world.clock.now += AHEAD;
    const { graph, live, calls } = world.graphOf(settings.tenantId);
    const [held] = live();
    const { integrationId, tenantId } = settings;
    const event = {
      ...{ version: 1 as const, integrationId, tenantId, subscriptionId: held!.subscriptionId },
      ...{ lifecycleEvent: 'reauthorizationRequired', receivedAt: new Date(world.clock.now).toISOString() },
    };
    const renewSubscription: Graph['renewSubscription'] = (id, expiresAt) =>
      answer(() => graph.renewSubscription(id, expiresAt)) as ReturnType<Graph['renewSubscription']>;
    const graphFor = () => ({ ...graph, renewSubscription }) as Graph;
    await world.keeper({ graphFor, eventPatienceMs: 1 }).onLifecycle(event);
    const patches = () => calls.filter(({ kind }) => kind === 'patch').map(({ at }) => at);
    /** Its lease has run out; looks a minute apart, and Graph asks on. */
    const restart = async (minutes: number): Promise<void> => {
      const keeper = world.keeper();
      for (let minute = 0; minute < minutes; minute += 1) {
        world.clock.now += MINUTE;
        await keeper.lookAtAll();
        if (minute < 3) await keeper.onLifecycle(event);
      }
    };
    return { patches, restart };
  };
  const never = (): Promise<never> => world.hang();

  it('sends no second one: Graph is asked, and has made it', async () => {
    const { patches, restart } = await killed((patch) => patch().then(never));
    const [sentAt] = patches();
    await restart(30);
    assert.deepEqual(patches(), [sentAt]);
    const [record] = world.records.values();
    assert.deepEqual([record?.status, record?.failure, record?.unsureAt], ['live', null, undefined]);
    assert.deepEqual([record?.renewedAt, record?.reauthoriseWantedAt], [new Date(sentAt!).toISOString(), undefined]);
  });

  it('sends the one that Graph never had, after 10 min, once', async () => {
    const { patches, restart } = await killed(never);
    const sentAt = world.clock.now;
    assert.deepEqual(patches(), []);
    await restart(30);
    const [at, ...more] = patches();
    assert.ok(at !== undefined && at - sentAt >= 10 * MINUTE && at - sentAt <= 20 * MINUTE, String(at));
    assert.deepEqual(more, []);
  });

  it('creates one anew that ends within these 10 min, and sends no PATCH', async () => {
    const { patches, restart } = await killed(never, AHEAD + 5 * MINUTE);
    await restart(30);
    assert.deepEqual(patches(), []);
    const kinds = world.published.map(({ topic }) => topic);
    assert.deepEqual(kinds, ['requests', 'requests'], 'the gap is swept');
    assert.deepEqual(
      [...world.records.values()].map(({ status, failure }) => [status, failure]),
      [['live', null]],
    );
  });
});
