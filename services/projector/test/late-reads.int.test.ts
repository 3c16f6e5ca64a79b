import assert from 'node:assert/strict';
import { createResources, eventually, testServers } from '@muster/test-support';
import { createWorld, type World } from './world.js';

const WITHIN = { within: 50_000, every: 50 };

describe('a tenant whose Graph is slow, beside another', () => {
  let world: World;
  before(async () => {
    const { kafkaBrokers, mongodbUri: server } = testServers();
    world = await createWorld({ kafkaBrokers, ...createResources('late reads', server) });
    await world.startProjector();
  });
  after(() => world.stop());

  it('keeps nobody waiting, is left to a sweep, and is told all the same when its read ends', async () => {
    const [slow, other] = [await world.addTenant(), await world.addTenant()];
    const [late, soon] = [slow.addUser(), other.addUser()];
    await other.notify({ entityId: soon.userId });
    await eventually(() => world.changesOf(soon.userId).length === 1, WITHIN);

    let release = (): void => undefined;
    slow.directory.held = new Promise((settle) => (release = settle));
    await slow.notify({ entityId: late.userId });
    await eventually(async () => (await world.lag('notifications')) === 0, WITHIN);
    const { integrationId } = slow.settings;
    const announced = await world.store.announced.since(integrationId, new Date(Date.now() - 60_000));
    assert.deepEqual([...announced.keys()], [late.userId]);
    assert.deepEqual(world.changesOf(late.userId), []);

    release();
    await eventually(() => world.changesOf(late.userId).length === 1, WITHIN);
    assert.deepEqual(slow.directory.reads, [late.userId]);
  });
});
