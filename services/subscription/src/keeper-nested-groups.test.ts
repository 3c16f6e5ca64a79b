import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createWorld, MINUTE, toGroupDocument, toSettings, type World } from '../test/support/model-world.js';

describe('the keeper of subscriptions on nested groups', () => {
  const [groupId, nestedId, elsewhereId] = [randomUUID(), randomUUID(), randomUUID()];
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });

  const watched = (): string[] => [...world.records.values()].map(({ resource }) => resource).sort();
  const [chosen, nested] = [`/groups/${groupId}`, `/groups/${nestedId}`];

  it('hears of the groups nested in the chosen one as soon as they are known, and no longer when they left', async () => {
    const settings = toSettings({ groupId });
    world.save(settings);
    world.trees.set(settings.tenantId, []);
    const keeper = world.keeper();
    await keeper.lookAtNew();
    assert.deepEqual(watched(), [chosen, '/users'].sort());

    const tree = [[groupId], [groupId, nestedId], [elsewhereId, randomUUID()]];
    world.trees.set(
      settings.tenantId,
      tree.map((path) => toGroupDocument(settings.tenantId, path)),
    );
    world.clock.now += 500;
    await keeper.lookAtNew();
    assert.deepEqual(watched(), [chosen, nested, '/users'].sort());

    world.trees.delete(settings.tenantId);
    world.clock.now += MINUTE;
    await keeper.lookAtAll();
    assert.deepEqual(watched(), [chosen, '/users'].sort());
    assert.equal(world.graphOf(settings.tenantId).live().length, 2);
  });

  it('keeps them while the integration is paused, whatever the tree says', async () => {
    const settings = toSettings({ groupId });
    world.save(settings);
    const tree = [[groupId], [groupId, nestedId]];
    world.trees.set(
      settings.tenantId,
      tree.map((path) => toGroupDocument(settings.tenantId, path)),
    );
    const keeper = world.keeper();
    await keeper.lookAtNew();
    world.save({ ...settings, state: 'paused', revision: 2 });
    world.trees.delete(settings.tenantId);
    await keeper.lookAtNew();
    assert.deepEqual(watched(), [chosen, nested, '/users'].sort());
  });
});
