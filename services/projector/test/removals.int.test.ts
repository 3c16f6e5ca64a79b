import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { syncRequest, toPersonKey } from '@muster/contracts';
import { createResources, eventually, testServers } from '@muster/test-support';
import { addPeople, createWorld, type World } from './world.js';

/** The database at hand now and then takes seconds for each bulk, for a minute or so. */
const WITHIN = { within: 100_000 };

describe('the projector and removals that are too many at once', function () {
  this.timeout(330_000);
  let world: World;
  before(async () => {
    const { kafkaBrokers, mongodbUri: server } = testServers();
    const { prefix, mongodbUri } = createResources('removals', server);
    world = await createWorld({ kafkaBrokers, mongodbUri, prefix });
    await world.startProjector();
  });
  after(() => world.stop());

  it('holds them back, whoever told them, until an admin allows', async () => {
    const groupId = randomUUID();
    const tenant = await world.addTenant({ groupId });
    const { integrationId, tenantId } = tenant.settings;
    const people = await addPeople(world, tenant, 60);
    tenant.directory.members.clear();
    const [told, ...read] = people.toReversed();
    for (const { userId } of read)
      await tenant.notify({ entity: 'group', entityId: groupId, members: [{ id: userId, removed: true }] });
    const inGroup = () => world.store.users.count({ tenantId, inGroup: true });
    const left = await eventually(async () => {
      const [held, inside] = [await world.store.removals.heldOf(integrationId), await inGroup()];
      return held.length === inside - 1 && held.length > 0 ? inside : undefined;
    }, WITHIN);
    assert.ok(left >= 54, `${60 - left} went, at most 6 may`);
    const held = await world.store.removals.heldOf(integrationId);
    await eventually(async () => {
      const known = await world.store.users.load(held.map(({ userId }) => toPersonKey(tenantId, userId)));
      return [...known.values()].every(({ facts }) => facts?.notifiedAt);
    }, WITHIN);
    // What a sweep saw waits no less.
    await tenant.observe({ type: 'membership', userId: told!.userId, groupId, inGroup: false, groupPath: [] }, 1);
    await eventually(async () => (await world.store.removals.heldOf(integrationId)).length === left, WITHIN);
    assert.equal(await inGroup(), left);
    await eventually(async () => {
      const asked = await world.log.readNewest('requests', 100);
      return asked.some(({ value }) => syncRequest.parse(JSON.parse(String(value))).integrationId === integrationId);
    }, WITHIN);

    const membership = { inGroup: false, groupPath: [] };
    const allowed = { type: 'user', userId: told!.userId, user: told!, membership, planId: 'plan' } as const;
    await tenant.observe(allowed, 2);
    await eventually(
      async () => (await world.store.users.get(toPersonKey(tenantId, told!.userId)))?.status === 'out-of-scope',
      WITHIN,
    );
    assert.equal(await inGroup(), left - 1);
  });
});
