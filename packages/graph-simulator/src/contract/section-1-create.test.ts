import assert from 'node:assert/strict';
import { MINUTE, START, URL_A, codeOf, createScene, messageOf } from '../../test/scene.js';

const inMinutes = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();
const at = (body: Record<string, unknown>) => Date.parse(String(body['expirationDateTime'])) - START;

describe('contract 1.1, create', () => {
  it('1.1 answers 201 with the subscription object', async () => {
    const { subscribe, tenant, control } = await createScene();
    const { status, body } = await subscribe();
    assert.equal(status, 201);
    assert.match(String(body['@odata.context']), /\$metadata#subscriptions\/\$entity$/);
    assert.equal(body['applicationId'], tenant.clientId);
    assert.equal(control.subscriptions().length, 1);
  });

  const required = ['changeType', 'notificationUrl', 'resource', 'expirationDateTime'];
  for (const name of required)
    it(`1.1 ${name} is required: 400 without it`, async () => {
      const { subscribe } = await createScene();
      const answer = await subscribe({ [name]: undefined });
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'InvalidRequest']);
      assert.equal(messageOf(answer), `${name} is a required property for subscription creation.`);
    });

  for (const changeType of ['updated', 'deleted', 'updated,deleted'])
    it(`1.1 changeType ${changeType} is supported for users and groups`, async () => {
      const { subscribe } = await createScene();
      assert.equal((await subscribe({ changeType })).status, 201);
      assert.equal((await subscribe({ changeType, resource: 'groups' })).status, 201);
    });

  it('1.1 changeType comes back in the order in which it was asked for', async () => {
    const { subscribe, get } = await createScene();
    const { status, body } = await subscribe({ changeType: 'updated,deleted' });
    assert.deepEqual([status, body['changeType']], [201, 'updated,deleted']);
    assert.equal((await get('/subscriptions')).body.value[0]!['changeType'], 'updated,deleted');
  });

  it('1.1 notificationUrl keeps its own query on every post', async () => {
    const { subscribe, rename, pass, notifications, handshakes } = await createScene();
    await subscribe();
    rename();
    await pass(100);
    assert.equal(notifications()[0]!.url, URL_A);
    assert.equal(new URL(handshakes()[0]!.url).searchParams.get('key'), '1');
  });

  it('1.1 notificationUrl must be https', async () => {
    const { subscribe } = await createScene();
    assert.equal((await subscribe({ notificationUrl: 'http://receiver.example' })).status, 400);
  });

  for (const resource of ['users', '/users', '/groups', 'groups'])
    it(`1.1 resource ${resource} is taken with and without leading slash`, async () => {
      const { subscribe } = await createScene();
      assert.equal((await subscribe({ resource })).status, 201);
    });

  it('1.1 resource with a base URL is refused', async () => {
    const { subscribe } = await createScene();
    assert.equal((await subscribe({ resource: 'https://graph.microsoft.com/v1.0/users' })).status, 400);
  });

  it('1.1 clientState is optional and holds 128 characters, not 129', async () => {
    const { subscribe } = await createScene();
    assert.equal((await subscribe({ clientState: 'x'.repeat(129) })).status, 400);
    assert.equal((await subscribe({ clientState: 'x'.repeat(128) })).status, 201);
    assert.equal((await subscribe({ clientState: undefined, resource: 'groups' })).status, 201);
  });

  it('1.1 lifecycleNotificationUrl may equal notificationUrl and cannot be added by PATCH', async () => {
    const { subscribe, call } = await createScene();
    assert.equal((await subscribe({ lifecycleNotificationUrl: URL_A })).status, 201);
    const { body } = await subscribe({ resource: 'groups' });
    const patch = { expirationDateTime: inMinutes(90), lifecycleNotificationUrl: URL_A };
    assert.equal((await call('PATCH', `/subscriptions/${String(body['id'])}`, { body: patch })).status, 400);
  });

  it('1.1 latestSupportedTlsVersion defaults to v1_2 and takes v1_0 to v1_3', async () => {
    const { subscribe } = await createScene();
    assert.equal((await subscribe()).body['latestSupportedTlsVersion'], 'v1_2');
    const { body } = await subscribe({ resource: 'groups', latestSupportedTlsVersion: 'v1_3' });
    assert.equal(body['latestSupportedTlsVersion'], 'v1_3');
    assert.equal((await subscribe({ changeType: 'updated', latestSupportedTlsVersion: 'v2' })).status, 400);
  });

  it('1.1 includeResourceData is refused: users and groups have no rich notifications', async () => {
    const { subscribe } = await createScene();
    assert.equal((await subscribe({ includeResourceData: true })).status, 400);
  });

  it('1.1 notificationQueryOptions is refused for users and groups', async () => {
    const { subscribe } = await createScene();
    assert.equal((await subscribe({ notificationQueryOptions: '$filter=x' })).status, 400);
  });

  it('1.1 notificationUrlAppId comes back as it was given', async () => {
    const { subscribe } = await createScene();
    const notificationUrlAppId = '22222222-2222-4222-8222-222222222222';
    assert.equal((await subscribe({ notificationUrlAppId })).body['notificationUrlAppId'], notificationUrlAppId);
  });

  for (const name of ['vapidPublicKey', 'webPushEncryptionKey'])
    it(`1.1 ${name} on an ordinary webhook is a 400`, async () => {
      const { subscribe } = await createScene();
      assert.equal((await subscribe({ [name]: 'x' })).status, 400);
    });

  it('1.1 id, applicationId and creatorId are given by Graph; app-only the creator is the service principal', async () => {
    const { subscribe, simulator, tenant } = await createScene();
    const { body } = await subscribe({ id: 'mine', creatorId: 'me' });
    assert.match(String(body['id']), /^[0-9a-f-]{36}$/);
    assert.notEqual(body['creatorId'], 'me');
    assert.equal(simulator.control.subscriptions()[0]!.applicationId, tenant.clientId);
  });

  it('1.1 notificationContentType and empty encryption texts are in the answer', async () => {
    const { subscribe } = await createScene();
    const { body } = await subscribe();
    assert.deepEqual(
      [body['notificationContentType'], body['encryptionCertificate'], body['encryptionCertificateId']],
      ['application/json', '', ''],
    );
  });
});

describe('contract 1.2, resources', () => {
  it('1.2 users, one user, groups, one group, its owners and its members are supported', async () => {
    const { subscribe, person, tenant } = await createScene();
    const group = `groups/${tenant.groupId}`;
    for (const resource of ['users', `users/${person().id}`, 'groups', group, `${group}/owners`, `${group}/members`])
      assert.equal((await subscribe({ resource })).status, 201, resource);
  });

  it('1.2 groups carry membership changes already, without a subscription on members', async () => {
    const { subscribe, control, tenant, pass, items } = await createScene();
    await subscribe({ resource: 'groups' });
    control.createUser(tenant.tenantId, { inGroup: true });
    await pass(100);
    assert.ok(items().some((item) => 'members@delta' in (item['resourceData'] as object)));
  });

  it('1.2 a subscription on members of a group tells of nothing else', async () => {
    const { subscribe, control, tenant, pass, items } = await createScene();
    await subscribe({ resource: `groups/${tenant.groupId}/members` });
    control.updateGroup(tenant.tenantId, tenant.groupId, { displayName: 'Renamed' });
    await pass(100);
    assert.equal(items().length, 0);
  });

  it('1.2 [O] memberOf is accepted without a word when a switch says so, and tells of nothing', async () => {
    const { subscribe, person, control, tenantId, tenant, pass, items } = await createScene({
      switches: { unwatchedResources: true },
    });
    const { id } = person();
    assert.equal((await subscribe({ resource: `/users/${id}/memberOf` })).status, 201);
    assert.equal((await subscribe({ resource: 'devices' })).status, 400);
    await subscribe({ resource: 'groups' });
    const other = control.createGroup(tenantId, { displayName: 'Ward' });
    control.addMember(tenantId, other.id, id);
    control.addMember(tenantId, tenant.groupId, other.id);
    await pass(1_000);
    assert.ok(items().length > 0);
    assert.ok(items().every(({ resource }) => String(resource).startsWith('Groups/')));
  });

  for (const kind of ['b2c', 'external'] as const)
    it(`1.2 a tenant of kind ${kind} has no change notifications`, async () => {
      const { subscribe } = await createScene({ plan: { kind } });
      assert.equal((await subscribe()).status, 400);
    });

  it('1.2 a resource without notifications is refused', async () => {
    const { subscribe, person } = await createScene();
    assert.equal((await subscribe({ resource: `users/${person().id}/memberOf` })).status, 400);
  });
});

describe('contract 1.3, lifetime', () => {
  it('1.3 41,760 minutes is the longest life, one more is a 400 ExtensionError', async () => {
    const { subscribe } = await createScene();
    assert.equal(at((await subscribe({ expirationDateTime: inMinutes(41_760) })).body), 41_760 * MINUTE);
    const answer = await subscribe({ resource: 'groups', expirationDateTime: inMinutes(41_761) });
    assert.deepEqual([answer.status, codeOf(answer)], [400, 'ExtensionError']);
    assert.equal(messageOf(answer), 'Subscription expiration can only be 41760 minutes in the future.');
  });

  it('1.3 an over-long value is refused on renewal too', async () => {
    const { subscribe, call } = await createScene();
    const { body } = await subscribe();
    const patch = { expirationDateTime: inMinutes(50_000) };
    const answer = await call('PATCH', `/subscriptions/${String(body['id'])}`, { body: patch });
    assert.deepEqual([answer.status, codeOf(answer)], [400, 'ExtensionError']);
  });

  it('1.3 an expiry under 45 minutes is raised to 45', async () => {
    const { subscribe } = await createScene();
    assert.equal(at((await subscribe({ expirationDateTime: inMinutes(1) })).body), 45 * MINUTE);
  });

  it('1.3 very short lives make reauthorizationRequired come over and over', async () => {
    const { subscribe, pass, items } = await createScene();
    await subscribe({ expirationDateTime: inMinutes(45), lifecycleNotificationUrl: URL_A });
    await pass(44 * MINUTE, MINUTE);
    assert.ok(items().length >= 2, `${items().length}`);
  });
});
