import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, START, URL_A, codeOf, createScene, messageOf } from '../../test/scene.js';
import { QUOTAS } from '../subscriptions/subscriptions.js';

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

describe('contract 1.6, quotas', () => {
  const add = async (count: number, owner: (index: number) => object) => {
    const scene = await createScene();
    const { subscribe, simulator, control } = scene;
    await subscribe();
    const [first] = control.subscriptions();
    const world = simulator.subscriptions;
    for (let index = 1; index < count; index += 1)
      world.add({ ...first!, id: `${index}`, resource: `users/${index}`, ...owner(index) });
    return scene;
  };
  const cases: [string, number, (index: number) => object][] = [
    ['100 per app and tenant', QUOTAS.appInTenant, () => ({})],
    ['1,000 per tenant', QUOTAS.tenant, (index) => ({ applicationId: `app${index}` })],
    ['50,000 per app', QUOTAS.app, (index) => ({ tenantId: `tenant${index}` })],
  ];
  for (const [name, count, owner] of cases)
    it(`1.6 ${name}: one more is refused with 403`, async () => {
      const full = await add(count, owner);
      assert.equal((await full.subscribe({ resource: 'groups' })).status, 403);
      const roomy = await add(count - 1, owner);
      assert.equal((await roomy.subscribe({ resource: 'groups' })).status, 201);
    });
});

describe('contract 1.4, other operations', () => {
  const scene = async (change: object = {}) => {
    const made = await createScene();
    const { body } = await made.subscribe(change);
    return { ...made, id: String(body['id']), path: `/subscriptions/${String(body['id'])}` };
  };

  it('1.4 PATCH with an expiry renews and answers 200 with the object', async () => {
    const { call, path } = await scene();
    const { status, body } = await call('PATCH', path, { body: { expirationDateTime: inMinutes(300) } });
    assert.deepEqual([status, at(body)], [200, 300 * MINUTE]);
  });

  it('1.4 PATCH with an address moves the subscription there after a handshake', async () => {
    const { call, path, handshakes, rename, pass, notifications } = await scene();
    const other = 'https://other.example/n';
    assert.equal((await call('PATCH', path, { body: { notificationUrl: other } })).status, 200);
    assert.ok(handshakes().at(-1)!.url.startsWith(other));
    rename();
    await pass(100);
    assert.equal(notifications()[0]!.url, other);
  });

  it('1.4 PATCH with neither is a 400 that says so', async () => {
    const { call, path } = await scene();
    const answer = await call('PATCH', path, { body: { clientState: 'new' } });
    assert.equal(answer.status, 400);
    assert.equal(
      messageOf(answer),
      "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
    );
  });

  it('1.4 PATCH reauthorizes: the token behind the subscription lives anew', async () => {
    const { call, path, pass, control } = await scene();
    await pass(50 * MINUTE);
    await call('PATCH', path, { body: { expirationDateTime: inMinutes(600) } });
    assert.equal(control.subscriptions()[0]!.tokenExpiresAt, START + 110 * MINUTE);
  });

  it('1.4 reauthorize answers 204 without a body and does not extend the expiry', async () => {
    const { call, path, get, pass } = await scene();
    const before = at((await get(path)).body);
    await pass(10 * MINUTE);
    const answer = await call('POST', `${path}/reauthorize`);
    assert.deepEqual([answer.status, answer.body], [204, {}]);
    assert.equal(at((await get(path)).body), before);
  });

  it('1.4 GET one answers 200 with the object, its client state included', async () => {
    const { get, path, id } = await scene();
    const { status, body } = await get(path);
    assert.deepEqual([status, body['id'], body['clientState']], [200, id, 'a-secret']);
  });

  it('1.4 the list hides client states, knows no options and pages by nextLink', async () => {
    const { get, walk, subscribe, control } = await scene();
    await subscribe({ resource: 'groups' });
    control.setSettings({ pageSizes: { subscriptions: 1 } });
    const { pages, rows } = await walk('/subscriptions');
    assert.deepEqual([pages.length, rows.map(({ clientState }) => clientState)], [2, [null, null]]);
    assert.equal((await get('/subscriptions?$filter=x')).status, 400);
  });

  it('1.4 the list hides live subscriptions when a row-missing fault says so', async () => {
    const { walk, subscribe, control } = await scene();
    await subscribe({ resource: 'groups' });
    control.setSettings({ pageSizes: { subscriptions: 1 } });
    control.setFaults({ rules: [{ type: 'rowMissing', path: '/subscriptions' }] });
    assert.equal((await walk('/subscriptions')).rows.length, 1);
  });

  it('1.4 DELETE answers 204 and ends it', async () => {
    const { call, get, path } = await scene();
    assert.equal((await call('DELETE', path)).status, 204);
    assert.equal((await get(path)).status, 404);
  });

  it('1.4 PATCH on an expired or deleted id is a 404 ResourceNotFound', async () => {
    const { call, path, pass } = await scene({ expirationDateTime: inMinutes(60) });
    await pass(HOUR);
    const answer = await call('PATCH', path, { body: { expirationDateTime: new Date(START + DAY).toISOString() } });
    assert.deepEqual(
      [answer.status, codeOf(answer), messageOf(answer)],
      [404, 'ResourceNotFound', 'The object was not found.'],
    );
  });

  it('1.4 [?] PATCH of the expiry alone validates the address only when the switch is on', async () => {
    const { call, path, handshakes, control } = await scene();
    const renew = () => call('PATCH', path, { body: { expirationDateTime: inMinutes(300) } });
    await renew();
    assert.equal(handshakes().length, 1);
    control.setSettings({ switches: { validateOnRenewal: true } });
    await renew();
    assert.equal(handshakes().length, 2);
  });

  it('1.4 create and renew end in 400 after 10 s when the endpoint is silent', async () => {
    const { call, path, sent, pass, control, replyWith } = await scene();
    control.setSettings({ switches: { validateOnRenewal: true } });
    replyWith(() => ({ posted: 'failed', ms: HOUR }));
    const before = sent.length;
    const renewal = call('PATCH', path, { body: { expirationDateTime: inMinutes(300) } });
    while (sent.length === before) await new Promise(setImmediate);
    await pass(10_000);
    const answer = await renewal;
    assert.deepEqual([answer.status, messageOf(answer)], [400, 'Subscription validation request timed out.']);
  });
});
