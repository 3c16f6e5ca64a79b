import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, SECOND, START, URL_A, createScene, goodReply, status } from '../../test/scene.js';
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
      ['#Microsoft.Graph.User', `Users/${id}`, id, tenantId, new Date(START).toISOString()],
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

describe('contract 3.4, slow and drop states', () => {
  const stateOf = (scene: Scene) => scene.control.endpoints()[0]!.state;

  it('3.4 slow: more than 10 % of answers over 3 s in ten minutes hold new notifications back for ten', async () => {
    const scene = await subscribed();
    await change(scene, 9);
    scene.answerWith(status(202), 4 * SECOND);
    await change(scene, 1, 10 * SECOND);
    assert.equal(stateOf(scene), 'slow');
    scene.replyWith(goodReply);
    await scene.pass(20 * SECOND, 100);
    const before = scene.notifications().length;
    scene.rename(undefined, 'Held back');
    await scene.pass(9 * MINUTE, SECOND);
    assert.equal(scene.notifications().length, before);
    assert.equal(scene.control.endpoints()[0]!.held, 1);
    await scene.pass(2 * MINUTE, SECOND);
    assert.equal(scene.notifications().length, before + 1);
  });

  it('3.4 slow: exactly 10 % is not slow yet', async () => {
    const scene = await subscribed();
    await change(scene, 18);
    scene.answerWith(status(202), 4 * SECOND);
    scene.rename(undefined, 'One slow answer');
    await scene.pass(3_500, 100);
    scene.replyWith(goodReply);
    await scene.pass(10 * SECOND, 100);
    assert.equal(stateOf(scene), 'normal');
  });

  it('3.4 slow: re-checked every ten minutes with a few notifications; still slow stays, quick leaves', async () => {
    const scene = await subscribed();
    await change(scene, 9);
    scene.answerWith(status(202), 4 * SECOND);
    await change(scene, 2, 10 * SECOND);
    await change(scene, 6);
    const held = scene.control.endpoints()[0]!.held;
    assert.ok(held >= 6);
    await scene.pass(10 * MINUTE, SECOND);
    assert.equal(stateOf(scene), 'slow');
    assert.equal(scene.control.endpoints()[0]!.held, held - 3, 'three went out as probes');
    scene.replyWith(goodReply);
    await scene.pass(11 * MINUTE, SECOND);
    assert.deepEqual([stateOf(scene), scene.control.endpoints()[0]!.held], ['normal', 0]);
  });

  const intoDrop = async (options: SceneOptions = {}) => {
    const scene = await subscribed(options);
    await change(scene, 3);
    scene.answerWith(status(202), HOUR);
    await change(scene, 2, 50);
    await scene.pass(2 * MINUTE, 100);
    assert.equal(stateOf(scene), 'drop');
    return scene;
  };

  it('3.4 drop: more than 15 % of answers over 10 s discard notifications for ten minutes', async () => {
    const scene = await intoDrop();
    scene.rename(undefined, 'Lost at once');
    await scene.pass(MINUTE, SECOND);
    assert.equal(scene.ledger().at(-1)!.dropped, 'dropState');
    assert.equal(scene.ledger().at(-1)!.sentAt, null);
  });

  it('3.4 drop: a few probes after ten minutes, answered in time, end it', async () => {
    const scene = await intoDrop();
    scene.replyWith(goodReply);
    await scene.pass(10 * MINUTE, SECOND);
    await change(scene, 3);
    assert.equal(stateOf(scene), 'normal');
    await change(scene, 1);
    assert.notEqual(scene.ledger().at(-1)!.ackedAt, null);
  });

  it('3.4 a state hits all subscriptions on the endpoint, others go on', async () => {
    const scene = await intoDrop();
    const other = 'https://elsewhere.example/n';
    await scene.subscribe({ resource: 'groups' });
    await scene.subscribe({ resource: `users/${scene.person().id}`, notificationUrl: other });
    scene.replyWith(goodReply);
    scene.control.createUser(scene.tenantId, { inGroup: true });
    scene.rename();
    await scene.pass(SECOND, 50);
    const recent = scene.ledger().slice(-4);
    assert.ok(recent.some(({ entity, dropped }) => entity === 'group' && dropped === 'dropState'));
    assert.ok(scene.notifications().some(({ url }) => url === other));
  });

  it('3.4 [?] an endpoint is the whole host when a switch says so', async () => {
    const scene = await createScene({ switches: { endpointBy: 'host' } });
    await scene.subscribe();
    await scene.subscribe({ resource: 'groups', notificationUrl: 'https://receiver.example/other' });
    await change(scene, 3);
    scene.answerWith(status(202), HOUR);
    await change(scene, 2, 50);
    await scene.pass(2 * MINUTE, 100);
    scene.control.createUser(scene.tenantId, { inGroup: true });
    await scene.pass(SECOND, 50);
    assert.deepEqual(new Set(scene.control.endpoints().map(({ state }) => state)), new Set(['drop']));
  });
});

describe('contract 3.5, the token behind a subscription', () => {
  it('3.5 lapses after an hour: items wait, without a penalty, and go once it is renewed', async () => {
    const scene = await subscribed();
    await scene.pass(HOUR + MINUTE, MINUTE);
    scene.rename();
    await scene.pass(HOUR, MINUTE);
    assert.equal(scene.items().length, 0);
    const { id } = scene.control.subscriptions()[0]!;
    await scene.call('POST', `/subscriptions/${id}/reauthorize`);
    await scene.pass(100);
    assert.equal(scene.items().length, 1);
    assert.equal(scene.control.endpoints()[0]!.state, 'normal');
  });

  it('3.5 items that waited for more than 4 h are lost', async () => {
    const scene = await subscribed();
    await scene.pass(HOUR + MINUTE, MINUTE);
    scene.rename();
    await scene.pass(4 * HOUR + MINUTE, MINUTE);
    assert.equal(scene.ledger()[0]!.dropped, 'expired');
  });
});

describe('contract 3.6 and 3.7', () => {
  it('3.6 the lag is a setting; the ledger says when changed, sent and acknowledged', async () => {
    const scene = await subscribed({ delivery: { window: 12_000 } });
    scene.rename();
    await scene.pass(15 * SECOND, SECOND);
    const [{ changedAt, sentAt, ackedAt }] = scene.ledger() as [ReturnType<Scene['ledger']>[number]];
    assert.deepEqual([changedAt, sentAt, ackedAt], [START, START + 12_000, START + 12_000]);
  });

  it('3.7 basic notifications carry clientState and no validationTokens', async () => {
    const scene = await subscribed();
    scene.rename();
    await scene.pass(100);
    const [post] = scene.notifications();
    assert.deepEqual(Object.keys(JSON.parse(post!.body) as object), ['value']);
    assert.equal(post!.items[0]!['clientState'], 'a-secret');
    assert.equal(post!.url, URL_A);
  });
});

describe('contract 4, lifecycle notifications', () => {
  const watched = (options: SceneOptions = {}, body: object = {}) =>
    subscribed(options, {
      lifecycleNotificationUrl: 'https://receiver.example/lifecycle',
      expirationDateTime: new Date(START + 3 * DAY).toISOString(),
      ...body,
    });
  const challenges = (scene: Scene) => scene.items().filter((item) => 'lifecycleEvent' in item);

  it('4 reauthorizationRequired comes in the documented shape, without changeType', async () => {
    const scene = await watched();
    await scene.pass(20 * MINUTE, MINUTE);
    const [item] = challenges(scene);
    assert.deepEqual(item, {
      clientState: 'a-secret',
      subscriptionId: scene.control.subscriptions()[0]!.id,
      subscriptionExpirationDateTime: '2026-11-26T12:00:00.000+00:00',
      tenantId: scene.tenantId,
      lifecycleEvent: 'reauthorizationRequired',
    });
    assert.equal(scene.notifications()[0]!.url, 'https://receiver.example/lifecycle');
  });

  it('4 [?] or as captured: organizationId in place of tenantId, and the subscription as resource', async () => {
    const scene = await watched({ switches: { lifecycleShape: 'captured' } });
    await scene.pass(20 * MINUTE, MINUTE);
    const { id } = scene.control.subscriptions()[0]!;
    const [item] = challenges(scene);
    assert.equal(item!['organizationId'], scene.tenantId);
    assert.ok(!('tenantId' in item!));
    assert.deepEqual(
      [item!['resource'], item!['resourceChangeType'], item!['encryptedContent']],
      [`Subscriptions/${id}`, null, null],
    );
  });

  it('4 timing: below 60 minutes every 15', async () => {
    const scene = await watched();
    await scene.pass(50 * MINUTE, MINUTE);
    assert.equal(challenges(scene).length, 3);
  });

  it('4 timing follows a shortened life of the token behind', async () => {
    const scene = await watched({ lifetimes: { deliveryToken: MINUTE } });
    await scene.pass(50 * SECOND, SECOND);
    assert.equal(challenges(scene).length, 3);
  });

  it('4 reauthorizationRequired comes at once when an administrator took permissions away; renewing is refused', async () => {
    const scene = await watched();
    scene.control.updateApp(scene.tenantId, scene.tenant.clientId, { granted: [] });
    scene.rename();
    await scene.pass(5 * SECOND, SECOND);
    assert.equal(challenges(scene).length, 1);
    assert.equal(scene.items().length, 1, 'the change waits');
    await scene.signIn();
    const { id } = scene.control.subscriptions()[0]!;
    assert.equal((await scene.call('POST', `/subscriptions/${id}/reauthorize`)).status, 403);
    scene.control.updateApp(scene.tenantId, scene.tenant.clientId, { granted: ['User.Read.All'] });
    await scene.signIn();
    assert.equal((await scene.call('POST', `/subscriptions/${id}/reauthorize`)).status, 204);
    await scene.pass(SECOND, 50);
    assert.equal(scene.items().length, 2);
  });

  it('4 delivery goes on after the challenge, then pauses until it is answered', async () => {
    const scene = await watched();
    await scene.pass(30 * MINUTE, MINUTE);
    scene.rename(undefined, 'Before the pause');
    await scene.pass(MINUTE, SECOND);
    const changes = () => scene.items().filter((item) => 'changeType' in item).length;
    assert.equal(changes(), 1);
    await scene.pass(40 * MINUTE, MINUTE);
    scene.rename(undefined, 'During the pause');
    await scene.pass(10 * MINUTE, MINUTE);
    assert.equal(changes(), 1);
  });

  it('4 needs lifecycleNotificationUrl: without it nothing comes', async () => {
    const scene = await subscribed();
    await scene.pass(HOUR, MINUTE);
    assert.equal(scene.items().length, 0);
  });

  it('4 missed and subscriptionRemoved are never sent: losses and expiry are silent', async () => {
    const scene = await watched({}, { expirationDateTime: new Date(START + HOUR).toISOString() });
    scene.control.setFaults({ rules: [{ type: 'drop', path: '/users/*' }] });
    scene.rename();
    await scene.pass(2 * HOUR, MINUTE);
    assert.equal(scene.control.subscriptions().length, 0);
    const events = new Set(challenges(scene).map((item) => item['lifecycleEvent']));
    assert.deepEqual(events, new Set(['reauthorizationRequired']));
  });
});
