import assert from 'node:assert/strict';
import { HOUR, REPORT, START, codeOf, createScene, messageOf, status } from '../../test/scene.js';
import { PERMISSION_IDS } from '../graph/permissions.js';
import { findPermission } from '../sign-in/delegated-permissions.js';

describe('contract 1.5, errors', () => {
  it('1.5 the envelope carries code, message, date, request-id and client-request-id', async () => {
    const { get } = await createScene();
    const { headers, body } = await get('/users/nobody', { 'client-request-id': 'mine' });
    const error = body['error'] as { innerError: Record<string, string> };
    assert.equal(error.innerError['request-id'], headers['request-id']);
    assert.equal(error.innerError['client-request-id'], 'mine');
    assert.equal(error.innerError['date'], '2026-11-23T12:00:00');
  });

  it('1.5 [?] a missing property is InvalidRequest, or ValidationError by a switch', async () => {
    const { subscribe, control } = await createScene();
    assert.equal(codeOf(await subscribe({ resource: undefined })), 'InvalidRequest');
    control.setSettings({ switches: { validationErrorCode: 'ValidationError' } });
    assert.equal(codeOf(await subscribe({ resource: undefined })), 'ValidationError');
  });

  for (const changeType of ['created', 'updated,deleted,created'])
    it(`1.5 changeType ${changeType} on users is a 400 that quotes it`, async () => {
      const { subscribe } = await createScene();
      const answer = await subscribe({ changeType });
      assert.deepEqual(
        [answer.status, codeOf(answer), messageOf(answer)],
        [400, 'InvalidRequest', `Invalid 'changeType' attribute: '${changeType}'.`],
      );
    });

  it('1.5 an endpoint that did not validate is a 400 InvalidRequest', async () => {
    const { subscribe, replyWith } = await createScene();
    replyWith(() => ({ posted: status(404) }));
    const answer = await subscribe();
    assert.deepEqual([answer.status, codeOf(answer)], [400, 'InvalidRequest']);
    assert.match(messageOf(answer), /^Subscription validation request failed\. /);
  });

  it('1.5 a bad token is a 401 InvalidAuthenticationToken', async () => {
    const { get, signIn } = await createScene();
    await signIn();
    const answer = await get('/subscriptions', { authorization: 'Bearer x.y.z' });
    assert.deepEqual([answer.status, codeOf(answer)], [401, 'InvalidAuthenticationToken']);
  });

  it('1.5 a missing permission is a 403 Authorization_RequestDenied, on create an ExtensionError', async () => {
    const { get, subscribe } = await createScene({ plan: { permissions: [] } });
    const read = await get('/users');
    assert.deepEqual([read.status, codeOf(read)], [403, 'Authorization_RequestDenied']);
    const created = await subscribe();
    assert.deepEqual([created.status, codeOf(created)], [403, 'ExtensionError']);
  });

  it('1.5 an unknown id is a 404 ResourceNotFound', async () => {
    const { get } = await createScene();
    const answer = await get('/subscriptions/22222222-2222-4222-8222-222222222222');
    assert.deepEqual([answer.status, codeOf(answer)], [404, 'ResourceNotFound']);
  });

  it('1.5 the same changeType and resource again is a 409 that names the first, whatever the address', async () => {
    const { subscribe } = await createScene();
    const { body } = await subscribe();
    const again = await subscribe({ notificationUrl: 'https://other.example/n', resource: '/users' });
    assert.equal(again.status, 409);
    assert.equal(
      messageOf(again),
      `Subscription Id ${String(body['id'])} already exists for the requested combination`,
    );
  });

  it('1.5 [?] the order of change types makes no second subscription, unless a switch says so', async () => {
    const { subscribe, control } = await createScene();
    await subscribe({ changeType: 'updated,deleted' });
    assert.equal((await subscribe({ changeType: 'deleted,updated' })).status, 409);
    control.setSettings({ switches: { changeTypeOrderMatters: true } });
    assert.equal((await subscribe({ changeType: 'updated,deleted' })).status, 409);
    assert.equal((await subscribe({ changeType: 'deleted,updated' })).status, 201);
  });
});

describe('contract 1.7, permissions', () => {
  const rows: [string, readonly string[], (group: string) => string][] = [
    ['read users', ['User.Read.All', 'User.ReadBasic.All'], () => '/users?$select=id'],
    ['users delta', ['User.Read.All'], () => '/users/delta'],
    [
      'members',
      ['GroupMember.ReadBasic.All', 'GroupMember.Read.All', 'Group.Read.All'],
      (id) => `/groups/${id}/members`,
    ],
    [
      'transitive members',
      ['GroupMember.ReadBasic.All', 'GroupMember.Read.All', 'Group.Read.All'],
      (id) => `/groups/${id}/transitiveMembers`,
    ],
    ['groups delta', ['Group.ReadBasic.All', 'GroupMember.Read.All', 'Group.Read.All'], () => '/groups/delta'],
    ['MFA report', ['AuditLog.Read.All'], () => REPORT],
    ['own secret expiry', ['Application.Read.All', 'Application.ReadWrite.OwnedBy'], () => '/applications'],
  ];
  for (const [name, permissions, path] of rows)
    it(`1.7 ${name}: each of ${permissions.join(', ')} opens it, another does not`, async () => {
      const scene = await createScene();
      const statusWith = async (granted: string[]) => {
        scene.control.updateApp(scene.tenantId, scene.tenant.clientId, { granted });
        await scene.signIn();
        return (await scene.get(path(scene.tenant.groupId))).status;
      };
      for (const permission of permissions) assert.equal(await statusWith([permission]), 200, permission);
      assert.equal(await statusWith(['Reports.Read.All']), 403);
    });

  const watched: [string, string, string, number][] = [
    ['users', 'User.Read.All', 'create, renew and list', 201],
    ['groups', 'Group.Read.All', 'create, renew and list', 201],
    ['groups', 'GroupMember.Read.All', 'not even create', 403],
  ];
  for (const [resource, permission, what, expected] of watched)
    it(`1.7 subscription on ${resource} with ${permission}: ${what}`, async () => {
      const { subscribe, get } = await createScene({ plan: { permissions: [permission] } });
      assert.equal((await subscribe({ resource })).status, expected);
      if (expected === 201) assert.equal((await get('/subscriptions')).body.value.length, 1);
    });

  it('1.7 User.ReadBasic.All opens basic properties only', async () => {
    const { get } = await createScene({ plan: { permissions: ['User.ReadBasic.All'] } });
    assert.deepEqual(Object.keys((await get('/users?$top=1')).body.value[0]!).sort(), [
      'displayName',
      'givenName',
      'id',
      'mail',
      'surname',
      'userPrincipalName',
    ]);
    assert.equal((await get('/users?$select=jobTitle')).status, 403);
  });

  it('1.7 members that the app may not read are listed with type and id, the rest null', async () => {
    const { get, tenant } = await createScene({ plan: { permissions: ['GroupMember.ReadBasic.All'] } });
    const { body } = await get(`/groups/${tenant.groupId}/members`);
    const user = body.value.find((row) => row['@odata.type'] === '#microsoft.graph.user')!;
    assert.match(user.id, /^[0-9a-f-]{36}$/);
    assert.deepEqual([user['displayName'], user['mail']], [null, null]);
  });

  it('1.7 the registration names its permissions by the ids of Graph', async () => {
    const { get } = await createScene({ plan: { permissions: ['User.Read.All', 'Application.Read.All'] } });
    const [app] = (await get('/applications')).body.value;
    const [{ resourceAccess }] = app!['requiredResourceAccess'] as [{ resourceAccess: object[] }];
    const scopes = ['openid', 'profile', 'offline_access', 'User.Read'];
    assert.deepEqual(resourceAccess, [
      { id: PERMISSION_IDS['User.Read.All'], type: 'Role' },
      { id: PERMISSION_IDS['Application.Read.All'], type: 'Role' },
      ...scopes.map((name) => ({ id: findPermission(name)?.id, type: 'Scope' })),
    ]);
  });

  // Application and delegated id of each; delegated only where there is one (contract 1.7).
  const ids: Readonly<Record<string, readonly [application: string | null, delegated: string]>> = {
    'User.Read.All': ['df021288-bdef-4463-88db-98f22de89214', 'a154be20-db9c-4678-8ab7-66f6cc099a59'],
    'Group.Read.All': ['5b567255-7703-4780-807c-7be8301ae99b', '5f8c59db-677d-491f-a6b8-5f174b11ec1d'],
    'GroupMember.Read.All': ['98830695-27a2-44f7-8c18-0c3ebc9698f6', 'bc024368-1153-4739-b217-4326f2e966d0'],
    'AuditLog.Read.All': ['b0afded3-3588-46d8-8b3d-9842eff778da', 'e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20'],
    'Directory.Read.All': ['7ab1d382-f21e-4acd-a863-ba3e13f7da61', '06da0dbc-49e2-44d2-8312-53f166ab848a'],
    'Reports.Read.All': ['230c1aed-a721-4c5d-9cb4-a90514e508ef', '02e97553-ed7b-43d0-ab3c-f8bace0d040c'],
    'Application.Read.All': ['9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30', 'c79f8feb-a9db-4090-85f9-90d820caa0eb'],
    'User.Read': [null, 'e1fe6dd8-ba31-4d61-89e7-88639da4683d'],
    openid: [null, '37f7f235-527c-4136-accd-4a02d197296e'],
    profile: [null, '14dad69e-099b-42c9-810b-d002981feec1'],
    offline_access: [null, '7427e0e9-2fba-42fe-b0c0-848c9e6a8182'],
  };
  for (const [name, [application, delegated]] of Object.entries(ids))
    it(`1.7 ${name} has the ids of Graph, and only what reads others needs an administrator`, () => {
      const permission = findPermission(name);
      assert.deepEqual([PERMISSION_IDS[name] ?? null, permission?.id], [application, delegated]);
      assert.equal(permission?.needsAdmin, name.endsWith('.All'));
      assert.equal(findPermission('User.ReadBasic.All')?.needsAdmin, false);
    });

  it('1.7 consent taken away by a fault rule is a 403 for as many calls as it says', async () => {
    const { get, control } = await createScene();
    control.setFaults({ rules: [{ type: 'consentRevoked', count: 1 }] });
    assert.deepEqual([(await get('/users')).status, (await get('/users')).status], [403, 200]);
  });

  it('1.7 delegated: the scopes count as the permissions do, and User.Read opens the own person only', async () => {
    const { delegate, get, truth } = await createScene();
    const [self, other] = truth().map(({ id }) => id);
    await delegate(self!, ['User.Read']);
    const statuses = await Promise.all(['/me', `/users/${self}`, `/users/${other}`, '/users'].map((path) => get(path)));
    assert.deepEqual(
      statuses.map(({ status: code }) => code),
      [200, 200, 403, 403],
    );
    assert.equal(statuses[0]!.body['id'], self);
    await delegate(self!, ['User.Read.All']);
    assert.equal((await get(`/users/${other}`)).status, 200);
  });

  it('1.1 and 1.4 delegated: the creator is the person, who sees their own subscriptions only', async () => {
    const { delegate, subscribe, get, truth } = await createScene();
    const [first, second] = truth().map(({ id }) => id);
    await delegate(first!, ['User.Read.All', 'Group.Read.All']);
    assert.equal((await subscribe()).body['creatorId'], first);
    await delegate(second!, ['User.Read.All', 'Group.Read.All']);
    assert.deepEqual((await get('/subscriptions')).body.value, []);
    await delegate(second!, ['User.Read.All', 'Subscription.Read.All']);
    assert.equal((await get('/subscriptions')).body.value.length, 1);
  });

  it('1.4 Subscription.Read.All shows the subscriptions of others, and lets nobody renew or end them', async () => {
    const { delegate, subscribe, get, call, truth, control } = await createScene();
    const path = `/subscriptions/${String((await subscribe()).body['id'])}`;
    await delegate(truth()[0]!.id, ['User.Read.All', 'Subscription.Read.All']);
    assert.equal((await get(path)).status, 200);
    const body = { expirationDateTime: new Date(START + HOUR).toISOString() };
    const answers = [
      await call('PATCH', path, { body }),
      await call('POST', `${path}/reauthorize`),
      await call('DELETE', path),
    ];
    assert.deepEqual(
      answers.map(({ status: code }) => code),
      [403, 403, 403],
    );
    assert.equal(control.subscriptions().length, 1);
  });

  it('1.4 app-only lists only the subscriptions of this app in this tenant', async () => {
    const { subscribe, get, control, simulator } = await createScene();
    await subscribe();
    const [own] = control.subscriptions();
    simulator.subscriptions.add({ ...own!, id: 'other-app', applicationId: 'another' });
    simulator.subscriptions.add({ ...own!, id: 'other-tenant', tenantId: 'another' });
    assert.deepEqual(
      (await get('/subscriptions')).body.value.map(({ id }) => id),
      [own!.id],
    );
  });
});
