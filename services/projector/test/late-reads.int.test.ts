import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { toPersonKey } from '@muster/contracts';
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

  it('takes nobody out by a read of the former group that ends after another was chosen', async () => {
    const [former, chosen] = [randomUUID(), randomUUID()];
    const { settings, directory, addUser, notify, observe, observeAll } = await world.addTenant({ groupId: former });
    // One of several: whoever were all that the group has would be held back.
    const users = [addUser(), addUser(), addUser(), addUser()] as const;
    const [{ userId }] = users;
    const inFormer = { groupId: former, inGroup: true, groupPath: [former] };
    await observeAll(users.map((user) => ({ type: 'user', userId: user.userId, user, membership: inFormer })));
    await eventually(() => users.every((user) => world.changesOf(user.userId).length === 1), WITHIN);

    let release = (): void => undefined;
    directory.held = new Promise((settle) => (release = settle));
    await notify({ entity: 'group', entityId: former, members: [{ id: userId, removed: true }] });
    await eventually(() => directory.reads.length === 1, WITHIN);
    await eventually(async () => (await world.lag('notifications')) === 0, WITHIN);
    const settingsRevision = settings.revision + 1;
    await world.store.integrations.replace(
      { ...settings, groupId: chosen, revision: settingsRevision },
      settings.revision,
    );
    const inChosen = { groupId: chosen, inGroup: true, groupPath: [chosen] };
    await observe({ type: 'membership', userId, ...inChosen, settingsRevision });
    await eventually(() => world.changesOf(userId).length === 2, WITHIN);

    release();
    const key = toPersonKey(settings.tenantId, userId);
    const stored = await eventually(async () => {
      const one = (await world.store.users.load([key])).get(key);
      return one?.facts?.notifiedAt ? one : null;
    }, WITHIN);
    assert.deepEqual([stored.document.status, stored.document.groupPath], ['active', [chosen]]);
    assert.deepEqual(world.changesOf(userId), ['muster.user.created 1', 'muster.user.updated 2']);
  });
});
