import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, SECOND, START, createScene } from '../../test/scene.js';
import type { Scene, SceneOptions } from '../../test/scene.js';

const subscribed = async (options: SceneOptions = {}, change: object = {}) => {
  const scene = await createScene(options);
  await scene.subscribe(change);
  return scene;
};
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

  it('4 challenges of several subscriptions travel in one post', async () => {
    const scene = await watched();
    await scene.subscribe({ lifecycleNotificationUrl: 'https://receiver.example/lifecycle', resource: 'groups' });
    await scene.pass(20 * MINUTE, MINUTE);
    assert.deepEqual(
      scene.notifications().map(({ items }) => items.map((item) => item['lifecycleEvent'])),
      [['reauthorizationRequired', 'reauthorizationRequired']],
    );
  });

  it('4 timing: below 60 minutes every 15', async () => {
    const scene = await watched();
    await scene.pass(50 * MINUTE, MINUTE);
    assert.equal(challenges(scene).length, 3);
  });

  it('4 timing of a token that lives longer: at half of what is left while that is over 4 h, then every 15 minutes', async () => {
    const scene = await watched({ lifetimes: { deliveryToken: 12 * HOUR } });
    await scene.pass(10 * HOUR, MINUTE);
    const sent = scene.notifications().map(({ at }) => Math.floor((at - START) / MINUTE));
    assert.deepEqual(sent, [360, 540, 555, 570, 585, 600].slice(0, sent.length));
    assert.ok(sent.length >= 5);
  });

  it('4 timing of a token that lives for a day: first when a quarter of what is left is 180 minutes', async () => {
    const scene = await watched({ lifetimes: { deliveryToken: 20 * HOUR } });
    await scene.pass(9 * HOUR, MINUTE);
    assert.deepEqual(
      scene.notifications().map(({ at }) => Math.floor((at - START) / MINUTE)),
      [8 * 60],
    );
  });

  it('4 delegated: what an administrator took from the person or from everybody is challenged, not what the app has itself', async () => {
    const scene = await createScene();
    const { control, tenantId, tenant, person } = scene;
    control.updateRegistration(tenantId, tenant.clientId, { requestedScopes: ['User.Read.All'] });
    control.grantConsent(tenantId, tenant.clientId);
    await scene.delegate(person().id, ['User.Read.All']);
    await scene.subscribe({ lifecycleNotificationUrl: 'https://receiver.example/lifecycle' });
    control.updateApp(tenantId, tenant.clientId, { granted: [] });
    await scene.pass(5 * SECOND, SECOND);
    assert.equal(challenges(scene).length, 0, 'the app lost its own permissions, the person none');
    control.revokeConsent(tenantId, tenant.clientId);
    await scene.pass(5 * SECOND, SECOND);
    assert.equal(challenges(scene).length, 1);
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
