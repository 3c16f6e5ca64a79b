import assert from 'node:assert/strict';
import type { Graph } from '@muster/graph-client';
import { createWorld, DAY, MINUTE, RECEIVER, toSettings } from '../test/support/model-world.js';

describe('the keeper’s inventory', () => {
  it('deletes strays under our address, and leaves ours and those of others', async () => {
    const world = createWorld();
    const settings = toSettings();
    world.save(settings);
    const keeper = world.keeper();
    await keeper.lookAtAll();
    const graph = world.graphOf(settings.tenantId);
    const [ours] = graph.live();
    const expiresAt = new Date(world.clock.now + DAY).toISOString();
    const stray = graph.hold({ resource: '/groups/1', notificationUrl: `${RECEIVER}/graph/notifications`, expiresAt });
    const other = graph.hold({ resource: '/groups/2', notificationUrl: 'https://elsewhere.example/', expiresAt });
    await keeper.lookAtAll();
    assert.equal(graph.live().length, 3, 'only the inventory asks for the list');
    await keeper.lookAtAll({ inventory: true });
    assert.deepEqual(
      graph
        .live()
        .map(({ subscriptionId }) => subscriptionId)
        .toSorted(),
      [ours!, other].map(({ subscriptionId }) => subscriptionId).toSorted(),
    );
    assert.ok(
      graph.calls.some(({ kind, subscriptionId }) => kind === 'delete' && subscriptionId === stray.subscriptionId),
    );
  });

  it('creates a young one anew that was deleted behind its back, and leaves one that the list only hides', async () => {
    const world = createWorld();
    const settings = toSettings();
    world.save(settings);
    const keeper = world.keeper();
    await keeper.lookAtAll();
    const graph = world.graphOf(settings.tenantId);
    const [first] = graph.live();
    graph.hide(first!.subscriptionId);
    world.clock.now += MINUTE;
    await keeper.lookAtAll({ inventory: true });
    assert.deepEqual(graph.live(), [first], 'it lives');
    graph.lose(first!.subscriptionId);
    await keeper.lookAtAll({ inventory: true });
    assert.deepEqual(
      graph.calls.map(({ kind }) => kind),
      ['create', 'create'],
    );
    const sweeps = world.published.filter(({ topic }) => topic === 'requests');
    assert.equal(sweeps.length, 2, 'the gap is swept');
  });

  it('touches nothing when what the list hides cannot be asked for', async () => {
    const world = createWorld();
    const settings = toSettings();
    world.save(settings);
    const graph = world.graphOf(settings.tenantId);
    const readSubscription = () => Promise.reject(new Error('away'));
    const keeper = world.keeper({ graphFor: () => ({ ...graph.graph, readSubscription }) as unknown as Graph });
    await keeper.lookAtAll();
    const before = [...world.records.values()];
    graph.hide(graph.live()[0]!.subscriptionId);
    await keeper.lookAtAll({ inventory: true });
    assert.deepEqual([...world.records.values()], before);
  });

  it('binds subscriptions of a delegated consent to each new token', async () => {
    const world = createWorld();
    const settings = toSettings({ consent: 'delegated' });
    world.save(settings);
    let since = world.clock.now;
    const keeper = world.keeper({ tokenSince: () => Promise.resolve(since) });
    await keeper.lookAtAll();
    const patches = () => world.graphOf(settings.tenantId).calls.filter(({ kind }) => kind === 'patch').length;
    world.clock.now += 45 * MINUTE;
    await keeper.lookAtAll();
    assert.equal(patches(), 0);
    since = world.clock.now;
    world.clock.now += MINUTE;
    await keeper.lookAtAll();
    await keeper.lookAtAll();
    assert.equal(patches(), 1);
  });

  it('goes on when the token cannot be kept fresh', async () => {
    const world = createWorld();
    const settings = toSettings({ consent: 'delegated' });
    world.save(settings);
    await world.keeper({ tokenSince: () => Promise.reject(new Error('away')) }).lookAtAll();
    assert.equal(world.graphOf(settings.tenantId).live().length, 1);
  });
});
