import assert from 'node:assert/strict';
import { HOUR, MINUTE, SECOND, START, createScene, goodReply, status } from '../../test/scene.js';
import type { Scene, SceneOptions } from '../../test/scene.js';

const subscribed = async (options: SceneOptions = {}, change: object = {}) => {
  const scene = await createScene(options);
  await scene.subscribe(change);
  return scene;
};
/** One change every `step` ms, each in a post of its own. */
const change = async (scene: Scene, count: number, step = 2 * SECOND) => {
  for (let index = 0; index < count; index += 1) {
    scene.rename(undefined, `Name ${scene.clock.now()}`);
    await scene.pass(step, 100);
  }
};

describe('contract 3.1, shape', () => {
  it('3.1 an item has the documented fields, no id at the top, and capital letters in its types', async () => {
    const { rename, pass, notifications, tenantId, control } = await subscribed();
    const { id } = rename();
    await pass(100);
    const [item] = notifications()[0]!.items;
    const [subscription] = control.subscriptions();
    assert.deepEqual(Object.keys(item!).sort(), [
      'changeType',
      'clientState',
      'resource',
      'resourceData',
      'subscriptionExpirationDateTime',
      'subscriptionId',
      'tenantId',
    ]);
    assert.deepEqual(
      [item!['resource'], item!['tenantId'], item!['clientState']],
      [`Users/${id}`, tenantId, 'a-secret'],
    );
    assert.equal(item!['subscriptionId'], subscription!.id);
    assert.equal(item!['subscriptionExpirationDateTime'], '2026-11-24T12:00:00.000+00:00');
    const data = item!['resourceData'] as Record<string, unknown>;
    assert.deepEqual(
      [data['@odata.type'], data['@odata.id'], data['id'], data['organizationId'], data['eventTime']],
      ['#Microsoft.Graph.User', `Users/${id}`, id, tenantId, '2026-11-23T12:00:00.0000001Z'],
    );
  });

  it('3.1 sequenceNumber has 18 digits, more than a number of JavaScript holds', async () => {
    const { rename, pass, notifications } = await subscribed();
    rename();
    await pass(100);
    assert.match(notifications()[0]!.body, /"sequenceNumber":\d{18}[,}]/);
  });

  it('3.1 [?] sequenceNumber and eventTime are missing when a switch says so', async () => {
    const { rename, pass, notifications, control } = await subscribed();
    control.setSettings({ switches: { eventTimes: false } });
    rename();
    await pass(100);
    assert.doesNotMatch(notifications()[0]!.body, /sequenceNumber|eventTime/);
  });

  it('3.1 membership comes as members@delta with @removed as a plain string, the same id added and removed', async () => {
    const { control, tenantId, tenant, pass, items } = await subscribed(
      {},
      { resource: 'groups', changeType: 'updated' },
    );
    const { id } = control.createUser(tenantId, { inGroup: true });
    control.dropMember(tenantId, tenant.groupId, id);
    await pass(100);
    const [item] = items();
    assert.equal(item!['resource'], `Groups/${tenant.groupId}`);
    const data = item!['resourceData'] as Record<string, unknown>;
    assert.equal(data['@odata.type'], '#Microsoft.Graph.Group');
    assert.deepEqual(data['members@delta'], [{ id }, { id, '@removed': 'deleted' }]);
  });

  it('3.1 only the id is delivered, nothing tells which property changed', async () => {
    const { rename, pass, notifications } = await subscribed();
    rename(undefined, 'A Name Nobody Has');
    await pass(100);
    assert.doesNotMatch(notifications()[0]!.body, /A Name Nobody Has|displayName/);
  });

  it('3.1 creation, soft deletion and restoring arrive as updated, only the purge as deleted', async () => {
    const { control, tenantId, pass, items } = await subscribed();
    const { id } = control.createUser(tenantId);
    control.deleteUser(tenantId, id);
    control.restoreUser(tenantId, id);
    control.deleteUser(tenantId, id, { permanent: true });
    await pass(100);
    assert.deepEqual(
      items().map((item) => item['changeType']),
      ['updated', 'updated', 'updated', 'deleted'],
    );
  });
});

describe('contract 3.2, guarantees', () => {
  it('3.2 one post carries items of different subscriptions', async () => {
    const scene = await subscribed();
    await scene.subscribe({ resource: 'groups' });
    scene.control.createUser(scene.tenantId, { inGroup: true });
    await scene.pass(100);
    const [post] = scene.notifications();
    assert.equal(scene.notifications().length, 1);
    assert.equal(new Set(post!.items.map((item) => item['subscriptionId'])).size, 2);
  });

  it('3.2 one post carries items of different tenants', async () => {
    const scene = await subscribed();
    const [first] = scene.control.subscriptions();
    const other = scene.control.createTenant({ seed: 2, people: 3, groupMembers: 1 }).tenant;
    scene.simulator.subscriptions.add({ ...first!, id: 'other', tenantId: other.tenantId });
    scene.rename();
    scene.control.createUser(other.tenantId);
    await scene.pass(100);
    assert.equal(new Set(scene.notifications()[0]!.items.map((item) => item['tenantId'])).size, 2);
  });

  it('3.2 at least once: a duplicate comes when a fault says so', async () => {
    const scene = await subscribed();
    scene.control.setFaults({ rules: [{ type: 'duplicate', count: 1 }] });
    scene.rename();
    await scene.pass(100);
    assert.equal(scene.items().length, 2);
  });

  it('3.2 no ordering: reordered by a fault, the same for the same seed', async () => {
    const orderOf = async (seed: number) => {
      const scene = await subscribed();
      scene.control.setFaults({ seed, rules: [{ type: 'reorder' }] });
      const ids = scene.truth().map(({ id }) => id);
      for (const id of ids) scene.rename(id, `${id} renamed`);
      await scene.pass(100);
      const order = scene.items().map((item) => ids.indexOf(String(item['resource']).slice(6)));
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        ids.map((_id, index) => index),
      );
      return order;
    };
    const order = await orderOf(3);
    assert.notDeepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.deepEqual(await orderOf(3), order);
  });

  it('3.2 a dropped notification is never sent and the ledger says why', async () => {
    const scene = await subscribed();
    scene.control.setFaults({ rules: [{ type: 'drop', path: '/users/*', count: 1 }] });
    scene.rename();
    await scene.pass(5 * HOUR, MINUTE);
    assert.equal(scene.items().length, 0);
    const [entry] = scene.ledger();
    assert.deepEqual([entry!.dropped, entry!.droppedAt, entry!.sentAt], ['fault', START, null]);
  });

  it('3.2 a delayed notification comes that much later', async () => {
    const scene = await subscribed();
    scene.control.setFaults({ rules: [{ type: 'delay', ms: 30_000 }] });
    scene.rename();
    await scene.pass(31 * SECOND, 50);
    assert.equal(scene.notifications()[0]!.at, START + 30_050);
  });

  it('3.2 unacknowledged items are dropped after 4 h', async () => {
    const scene = await subscribed();
    scene.answerWith(status(503));
    scene.rename();
    await scene.pass(5 * HOUR, MINUTE);
    assert.equal(scene.ledger()[0]!.dropped, 'expired');
    assert.ok(scene.notifications().at(-1)!.at <= START + 4 * HOUR + MINUTE);
  });
});

describe('contract 3.3, acknowledgement', () => {
  it('3.3 the first attempt has 3 s, each retry 10 s', async () => {
    const scene = await subscribed();
    scene.answerWith(status(200), 20 * SECOND);
    scene.rename();
    await scene.pass(MINUTE, 100);
    const [first, ...rest] = scene.notifications();
    assert.equal(first!.timeout, 3_000);
    assert.ok(rest.length >= 2 && rest.every(({ timeout }) => timeout === 10_000));
  });

  for (const [code, retried] of [
    [200, false],
    [202, false],
    [204, false],
    [302, true],
    [400, true],
    [404, true],
    [500, true],
    [503, true],
  ] as const)
    it(`3.3 ${code} ${retried ? 'is tried again' : 'ends it'}`, async () => {
      const scene = await subscribed();
      scene.answerWith(status(code));
      scene.rename();
      await scene.pass(10 * SECOND, 100);
      assert.equal(scene.notifications().length > 1, retried);
      assert.equal(scene.ledger()[0]!.ackedAt === null, retried);
    });

  it('3.3 retries back off exponentially', async () => {
    const scene = await subscribed();
    scene.answerWith(status(500));
    scene.rename();
    await scene.pass(MINUTE, 50);
    const times = scene.notifications().map(({ at }) => at);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    assert.ok(gaps.length >= 5 && gaps.every((gap, index) => index === 0 || gap > gaps[index - 1]! * 1.3), gaps.join());
  });

  it('3.3 after an outage the backlog arrives', async () => {
    const scene = await subscribed();
    scene.answerWith('failed');
    await change(scene, 5);
    scene.replyWith(goodReply);
    await scene.pass(10 * MINUTE, SECOND);
    assert.ok(scene.ledger().every(({ ackedAt }) => ackedAt !== null));
  });
});
