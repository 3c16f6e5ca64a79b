import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { syncRequest } from '@muster/contracts';
import { createResources, eventually, testServers } from '@muster/test-support';
import { addPeople, createWorld, type World } from './world.js';

const WITHIN = { within: 60_000 };
/** Of Graph's delta answers; each costs one unit. */
const ROWS_A_PAGE = 200;

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
  const allHandled = (world: World) =>
    eventually(
      async () => (await world.log.lag('muster.projector', ['notifications'])).every(({ lag }) => lag === 0),
      WITHIN,
    );

  it('one change is one unit, whether a group is chosen or not', async () => {
    const world = await open('units single');
    await world.startProjector();
    for (const groupId of [null, randomUUID()]) {
      const tenant = await world.addTenant({ groupId });
      const people = await addPeople(world, tenant, 20);
      tenant.directory.units = 0;
      for (const person of people) {
        tenant.directory.users.set(person.userId, { ...person, jobTitle: 'Changed' });
        await tenant.notify({ entityId: person.userId });
        await eventually(() => world.changesOf(person.userId).length === 2, WITHIN);
      }
      const cost = tenant.directory.units / people.length;
      assert.ok(cost <= 1.1, `${cost} units a change ${groupId ? 'with' : 'without'} a group`);
    }
  }).timeout(180_000);

  it('10,000 changes at once cost a fiftieth of a unit each', async () => {
    const world = await open('units burst');
    await world.startProjector();
    const tenant = await world.addTenant();
    const people = Array.from({ length: 10_000 }, () => tenant.addUser());
    await Promise.all(people.map(({ userId }) => tenant.notify({ entityId: userId })));
    await allHandled(world);
    const sweeps = (await world.log.readNewest('requests', 100))
      .map(({ value }) => syncRequest.parse(JSON.parse(String(value))))
      .filter(({ type }) => type === 'sweep').length;
    assert.ok(sweeps >= 1);
    // Whoever changed is on one page of one of the sweeps; a sweep that finds nothing more has one page all the same.
    const cost = (tenant.directory.units + people.length / ROWS_A_PAGE + sweeps) / people.length;
    assert.ok(cost <= 0.02, `${cost} units a change, ${tenant.directory.reads.length} reads, ${sweeps} sweeps`);
  }).timeout(180_000);

  it('each told ten times and out of order costs one read', async () => {
    const world = await open('units repeated', 100_000);
    const tenant = await world.addTenant();
    const people = Array.from({ length: 300 }, () => tenant.addUser());
    const told = people.flatMap(({ userId }) => Array.from({ length: 10 }, () => ({ userId, order: randomUUID() })));
    const shuffled = told.sort((left, right) => (left.order < right.order ? -1 : 1));
    await Promise.all(shuffled.map(({ userId }) => tenant.notify({ entityId: userId })));
    await world.startProjector();
    await eventually(() => people.every(({ userId }) => world.changesOf(userId).length === 1), WITHIN);
    await allHandled(world);
    const reads = tenant.directory.reads.length / people.length;
    assert.ok(reads <= 1.05, `${reads} reads a change`);
  }).timeout(180_000);
});
