import assert from 'node:assert/strict';
import { toPersonKey } from '@muster/contracts';
import { createResources, eventually, testServers } from '@muster/test-support';
import { assertApart, createWorld, reasonOf, type World } from './world.js';

const PEOPLE = 300;
const BURST = 30;
/** Speed is the bench's: the database at hand now and then takes seconds for each bulk, for a minute or so. */
const WITHIN = { within: 100_000, every: 100 };

describe('the projector in a burst of one tenant', () => {
  let world: World;
  before(async () => {
    const { kafkaBrokers, mongodbUri: server } = testServers();
    const { prefix, mongodbUri } = createResources('bursts', server);
    world = await createWorld({ kafkaBrokers, mongodbUri, prefix, burstPeople: BURST });
  });
  after(() => world.stop());

  it('asks for one sweep in place of reads, serves another tenant, and measures the lag when the sweep has told', async function () {
    this.timeout(330_000);
    const [busy, calm] = [await world.addTenant(), await world.addTenant()];
    const people = Array.from({ length: PEOPLE }, () => busy.addUser());
    const one = calm.addUser();
    const receivedAt = new Date(Date.now() - 1_000).toISOString();
    // All on the log before anybody looks: a backlog, as after an outage.
    await Promise.all(people.map(({ userId }) => busy.notify({ entityId: userId, receivedAt })));
    await calm.notify({ entityId: one.userId });
    await world.startProjector();
    await eventually(() => world.changesOf(one.userId).length === 1, WITHIN);
    await eventually(async () => (await world.lag('notifications')) === 0, WITHIN);

    const read = new Set(busy.directory.reads);
    assert.ok(read.size <= BURST, `${read.size} of ${PEOPLE} were read one by one`);
    assert.deepEqual(calm.directory.reads, [one.userId]);
    const sweeps = await world.sweepsOf(busy);
    assert.match(reasonOf(sweeps.at(-1)), /one sweep in place of a read each/);
    // One for all partitions.
    assertApart(sweeps);
    const { integrationId, tenantId } = busy.settings;
    const announced = await world.store.announced.since(integrationId, new Date(Date.now() - 600_000));
    assert.equal(announced.size, PEOPLE - read.size);

    const total = async () => {
      const { total: counts } = await world.store.lag.sum(integrationId, new Date(Date.now() - 600_000));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    assert.equal(await total(), read.size, 'whom no sweep told yet is not measured');
    // As a sweep tells them: one by one each would be a write of its own.
    await busy.observeAll(people.map((user) => ({ type: 'user', userId: user.userId, user })));
    const areCounted = async (): Promise<boolean> => (await world.store.users.count({ tenantId })) === PEOPLE;
    await eventually(areCounted, WITHIN).catch(async (error: unknown) => {
      const found = await world.store.users.load(people.map(({ userId }) => toPersonKey(tenantId, userId)));
      const told = people.filter(({ userId }) => world.changesOf(userId).length > 0).length;
      const waiting = await world.lag('sweeps');
      throw new Error(`${found.size} of ${PEOPLE} found, ${told} told, ${waiting} of the sweep wait`, { cause: error });
    });
    await eventually(async () => {
      await world.left.measure();
      return (await total()) === PEOPLE;
    }, WITHIN);
  });
});
