import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createResources, testServers } from '@muster/test-support';
import { readsOfRepeats, unitsOfBurst, unitsOfSingleChanges } from './measure-units.js';
import { createWorld, type World } from './world.js';

describe('what changes cost in resource units of Graph', () => {
  const worlds: World[] = [];
  const open = async (label: string, burstPeople?: number): Promise<World> => {
    const { kafkaBrokers, mongodbUri: server } = testServers();
    const { prefix, mongodbUri } = createResources(label, server);
    const world = await createWorld({ kafkaBrokers, mongodbUri, prefix, ...(burstPeople ? { burstPeople } : {}) });
    worlds.push(world);
    return world;
  };
  after(() => Promise.all(worlds.map((world) => world.stop())));

  it('one change is one unit, whether a group is chosen or not', async () => {
    const world = await open('units single');
    await world.startProjector();
    for (const groupId of [null, randomUUID()]) {
      const cost = await unitsOfSingleChanges(world, groupId);
      assert.ok(cost <= 1.1, `${cost} units a change ${groupId ? 'with' : 'without'} a group`);
    }
  }).timeout(180_000);

  it('10,000 changes at once cost a fiftieth of a unit each', async () => {
    const world = await open('units burst');
    await world.startProjector();
    const { units, sweeps } = await unitsOfBurst(world);
    assert.ok(sweeps >= 1);
    assert.ok(units <= 0.02, `${units} units a change, ${sweeps} sweeps`);
  }).timeout(180_000);

  it('each told ten times and out of order costs one read', async () => {
    const world = await open('units repeated', 100_000);
    const reads = await readsOfRepeats(world);
    assert.ok(reads <= 1.05, `${reads} reads a change`);
  }).timeout(180_000);
});
