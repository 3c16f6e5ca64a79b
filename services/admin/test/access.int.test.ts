import assert from 'node:assert/strict';
import type { UserDocument } from '@muster/contracts';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';
import { insertPerson, person } from './people-fixtures.js';

const testRun = (label: string) => ({
  resources: createResources(label, testServers().mongodbUri),
  brokers: testServers().kafkaBrokers,
});

const operator = bearer(OPERATOR_KEY);
const TENANT_A = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const TENANT_B = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const ANNA = '00000000-0000-4000-8000-00000000000a';
const BERT = '00000000-0000-4000-8000-00000000000b';

const named = (displayName: string) => ({ displayName, userPrincipalName: `${displayName.toLowerCase()}@example.com` });

describe('who may see what', () => {
  let admin: AdminHarness;
  let a = '';
  let b = '';
  let keyOfA: Record<string, string> = {};
  let keyIdOfA = '';

  const create = async (tenantId: string): Promise<string> => {
    const body = newIntegration({ tenantId });
    const answer = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    return answer.body.integrationId;
  };
  before(async () => {
    admin = await startAdmin({ ...testRun('admin access') });
    [a, b] = [await create(TENANT_A), await create(TENANT_B)];
    for (const id of [a, b]) await admin.agent.post(`/api/v1/integrations/${id}/start`).set(operator).expect(200);
    await insertPerson(admin.store, person(TENANT_A, ANNA, named('Anna')));
    await insertPerson(admin.store, person(TENANT_B, ANNA, named('Anna')));
    await insertPerson(admin.store, person(TENANT_B, BERT, named('Bert')));
    const body = { name: 'A’s admin', role: 'tenant-admin', integrationId: a };
    const { body: made } = await admin.agent.post('/api/v1/keys').set(operator).send(body).expect(201);
    keyOfA = bearer(made.key);
    keyIdOfA = made.keyId;
  });
  after(() => admin.stop());

  it('nothing is answered without a key, or with a wrong one', async () => {
    for (const path of ['/status', '/users', '/integrations', '/keys', '/openapi.json', '/nowhere']) {
      const { body, headers } = await admin.agent.get(`/api/v1${path}`).expect(401);
      assert.equal(body.status, 401);
      assert.match(headers['www-authenticate'] ?? '', /Bearer/);
      await admin.agent.get(`/api/v1${path}`).set(bearer('wrong')).expect(401);
    }
  });

  it('a made key is shown once and stored as a hash', async () => {
    const { text, body } = await admin.agent.get('/api/v1/keys').set(operator).expect(200);
    assert.equal(body.items.length, 1);
    assert.ok(!text.includes('muster_') && !text.includes('hash'), text);
    const [record] = await admin.store.apiKeys.all();
    assert.match(record!.hash, /^[0-9a-f]{64}$/);
  });

  it("a tenant admin gets 404 for everything of another's integration, whatever the verb", async () => {
    const calls = [
      admin.agent.get(`/api/v1/integrations/${b}`),
      admin.agent.patch(`/api/v1/integrations/${b}`).set('If-Match', '"1"').send({ name: 'mine' }),
      admin.agent.delete(`/api/v1/integrations/${b}`),
      admin.agent.post(`/api/v1/integrations/${b}/check`),
      admin.agent.post('/api/v1/setup/check').send({ integrationId: b }),
      admin.agent.get(`/api/v1/setup/guide?integrationId=${b}`),
      admin.agent.get(`/api/v1/integrations/${b}/secrets`),
      admin.agent.post(`/api/v1/integrations/${b}/secrets/a/test`),
      admin.agent.post(`/api/v1/integrations/${b}/secrets/a/use`),
      admin.agent.delete(`/api/v1/integrations/${b}/secrets/b`),
      admin.agent.post(`/api/v1/integrations/${b}/start`),
      admin.agent.post(`/api/v1/integrations/${b}/pause`),
      admin.agent.post(`/api/v1/integrations/${b}/reconcile`).send({ kind: 'users' }),
      admin.agent.get(`/api/v1/users?integrationId=${b}`),
      admin.agent.get(`/api/v1/users/${BERT}`),
      admin.agent.get(`/api/v1/users/${ANNA}?integrationId=${b}`),
      admin.agent.get(`/api/v1/snapshots?integrationId=${b}`),
    ];
    for (const call of calls) {
      const { status, text } = await call.set(keyOfA);
      assert.equal(status, 404, text);
      assert.ok(!text.includes('Bert') && !text.includes(TENANT_B), text);
    }
    const { body: kept } = await admin.agent.get(`/api/v1/integrations/${b}`).set(operator).expect(200);
    assert.deepEqual([kept.name, kept.state], ['Contoso', 'active']);
  });

  it('a tenant admin sees the own tenant in every list', async () => {
    const { body: users } = await admin.agent.get('/api/v1/users').set(keyOfA).expect(200);
    assert.deepEqual(
      users.items.map(({ tenantId, userId }: UserDocument) => [tenantId, userId]),
      [[TENANT_A, ANNA]],
    );
    const { body: integrations } = await admin.agent.get('/api/v1/integrations').set(keyOfA).expect(200);
    assert.deepEqual(
      integrations.items.map(({ integrationId }: { integrationId: string }) => integrationId),
      [a],
    );
    const { body: status } = await admin.agent.get('/api/v1/status').set(keyOfA).expect(200);
    assert.deepEqual(
      status.integrations.map(({ tenantId }: { tenantId: string }) => tenantId),
      [TENANT_A],
    );
  });

  it('what is for operators is refused to a tenant admin', async () => {
    await admin.agent.get('/api/v1/keys').set(keyOfA).expect(403);
    await admin.agent.get('/api/v1/dead-letters').set(keyOfA).expect(403);
    await admin.agent.post('/api/v1/integrations').set(keyOfA).send(newIntegration()).expect(403);
  });

  it('an operator finds a person who is unique, and must say which of several', async () => {
    const { body: bert } = await admin.agent.get(`/api/v1/users/${BERT}`).set(operator).expect(200);
    assert.deepEqual([bert.displayName, bert.mfa, bert.mfaState], ['Bert', null, 'unknown']);
    await admin.agent.get(`/api/v1/users/${ANNA}`).set(operator).expect(409);
    const { body: anna } = await admin.agent.get(`/api/v1/users/${ANNA}?integrationId=${b}`).set(operator).expect(200);
    assert.equal(anna.tenantId, TENANT_B);
  });

  it('people are paged by cursor, searched and filtered', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const url = `/api/v1/users?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const { body } = await admin.agent.get(url).set(operator).expect(200);
      seen.push(...body.items.map(({ tenantId, userId }: UserDocument) => `${tenantId}/${userId}`));
      cursor = body.nextCursor ?? '';
    } while (cursor !== '' && seen.length < 10);
    assert.deepEqual(new Set(seen), new Set([`${TENANT_A}/${ANNA}`, `${TENANT_B}/${ANNA}`, `${TENANT_B}/${BERT}`]));
    assert.equal(seen.length, 3);
    const { body: found } = await admin.agent.get('/api/v1/users?search=BER&status=active&inGroup=true').set(operator);
    assert.deepEqual(
      found.items.map(({ userId }: UserDocument) => userId),
      [BERT],
    );
    const members = await admin.agent.get('/api/v1/users?userType=member').set(operator).expect(200);
    assert.equal(members.body.items.length, 3, 'typed in any case');
    const unknown = await admin.agent.get('/api/v1/users?userType=visitor').set(operator).expect(400);
    assert.equal(unknown.body.problems[0].field, 'userType');
    const { body: none } = await admin.agent.get('/api/v1/users?mfa=capable').set(operator).expect(200);
    assert.deepEqual(none.items, []);
    const { body: bad } = await admin.agent.get('/api/v1/users?limit=0&colour=red').set(operator).expect(400);
    assert.deepEqual(bad.problems.map(({ field }: { field: string }) => field).sort(), ['colour', 'limit']);
    const { body: stale } = await admin.agent.get('/api/v1/users?cursor=nonsense').set(operator).expect(400);
    assert.equal(stale.problems[0].field, 'cursor');
  });

  it('the key of a removed integration does not read the tenant that another one serves', async () => {
    const tenantId = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
    const removed = await create(tenantId);
    const body = { name: 'k', role: 'tenant-admin', integrationId: removed };
    const { body: made } = await admin.agent.post('/api/v1/keys').set(operator).send(body).expect(201);
    await admin.agent.get('/api/v1/users').set(bearer(made.key)).expect(200);
    const session = await admin.agent
      .post('/session')
      .set('Sec-Fetch-Site', 'same-origin')
      .send({ key: made.key })
      .expect(204);
    const cookie = String(session.headers['set-cookie']).split(';')[0] ?? '';
    await admin.agent.delete(`/api/v1/integrations/${removed}`).set(operator).expect(204);
    await create(tenantId);
    for (const path of ['/users', '/users/export', '/status', `/integrations/${removed}`]) {
      await admin.agent.get(`/api/v1${path}`).set(bearer(made.key)).expect(401);
      await admin.agent.get(`/api/v1${path}`).set('Cookie', cookie).expect(401);
    }
  });

  it('a key that was taken away opens nothing any more', async () => {
    await admin.agent.get('/api/v1/users').set(keyOfA).expect(200);
    await admin.agent.delete(`/api/v1/keys/${keyIdOfA}`).set(operator).expect(204);
    await admin.agent.get('/api/v1/users').set(keyOfA).expect(401);
    await admin.agent.delete(`/api/v1/keys/${keyIdOfA}`).set(operator).expect(404);
  });
});
