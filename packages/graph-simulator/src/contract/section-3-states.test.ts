import assert from 'node:assert/strict';
import { HOUR, MINUTE, SECOND, START, URL_A, createScene, goodReply, status } from '../../test/scene.js';
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

  /** What waits is more than enough to try the endpoint out three times. */
  const intoSlow = async (options: SceneOptions = {}) => {
    const scene = await subscribed(options);
    await change(scene, 9);
    scene.answerWith(status(202), 4 * SECOND);
    await change(scene, 2, 10 * SECOND);
    assert.equal(stateOf(scene), 'slow');
    scene.replyWith(goodReply);
    await change(scene, 5);
    return scene;
  };
  const leavesSlow = async (scene: Scene) => {
    await change(scene, 5);
    await scene.pass(MINUTE, SECOND);
    assert.equal(stateOf(scene), 'normal');
    assert.notEqual(scene.ledger().at(-1)!.ackedAt, null);
  };

  it('3.4 slow: a probe whose subscription has gone is none, and the next one tries the endpoint out', async () => {
    const scene = await intoSlow();
    const { id } = scene.control.subscriptions()[0]!;
    assert.equal((await scene.call('DELETE', `/subscriptions/${id}`)).status, 204);
    await scene.pass(10 * MINUTE, SECOND);
    await scene.subscribe();
    await leavesSlow(scene);
  });

  it('3.4 slow: what is given up while it waits is no probe either', async () => {
    const scene = await intoSlow({ delivery: { giveUpAfter: 5 * MINUTE } });
    await scene.pass(10 * MINUTE, SECOND);
    await leavesSlow(scene);
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

describe('contract 3.5, what waited', () => {
  const lapsed = async () => {
    const scene = await subscribed();
    await scene.pass(HOUR + MINUTE, MINUTE);
    return scene;
  };
  const reauthorize = (scene: Scene) =>
    scene.call('POST', `/subscriptions/${scene.control.subscriptions()[0]!.id}/reauthorize`);

  it('3.5 items that waited meet a fault once, as all others do', async () => {
    const scene = await lapsed();
    scene.control.setFaults({ rules: [{ type: 'duplicate' }] });
    scene.rename();
    await scene.pass(MINUTE, SECOND);
    await reauthorize(scene);
    await scene.pass(SECOND, 50);
    assert.deepEqual([scene.items().length, scene.control.hits()[0]!.hits], [2, 1]);
  });

  it('3.5 items that waited are retried up to 4 h after they happened, not after they could go again', async () => {
    const scene = await lapsed();
    scene.rename();
    const happened = scene.clock.now();
    await scene.pass(3 * HOUR, MINUTE);
    scene.answerWith(status(503));
    await reauthorize(scene);
    await scene.pass(50 * MINUTE, MINUTE);
    await reauthorize(scene);
    await scene.pass(20 * MINUTE, MINUTE);
    assert.equal(scene.ledger()[0]!.dropped, 'expired');
    assert.ok(scene.notifications().at(-1)!.at <= happened + 4 * HOUR);
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
