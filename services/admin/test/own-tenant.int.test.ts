import assert from 'node:assert/strict';
import { createResources, eventually, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';
import { at, insertPerson, makeFresh, person } from './people-fixtures.js';

const operator = bearer(OPERATOR_KEY);
const TENANT_A = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const TENANT_B = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const BERT = '00000000-0000-4000-8000-00000000000b';
/** An id that no tenant has. */
const NOBODY = '00000000-0000-4000-8000-0000000000ff';
const PLAN_B = 'plan-of-b';

/** A body that is good enough to get past the schema, for each operation that takes one. `B`: the other's integration. */
const BODIES: Readonly<Record<string, object>> = {
  'patch /integrations/{integrationId}': { name: 'mine now' },
  'post /integrations': newIntegration({ tenantId: TENANT_B }),
  'post /setup/check': { integrationId: 'B', tenantId: TENANT_B },
  'post /integrations/{integrationId}/consent': {},
  'post /integrations/{integrationId}/preview': { groupId: null },
  'post /apply': { integrations: [] },
  'post /plans/{planId}/allow': { seenAt: at(0) },
  'post /plans/{planId}/refuse': { seenAt: at(0) },
  'put /alerts/targets': { webhook: null, email: null },
  'post /keys': { name: 'key of B', role: 'tenant-admin', integrationId: 'B' },
  'post /integrations/{integrationId}/reconcile': { kind: 'users' },
  'put /integrations/{integrationId}/secrets/{slot}': {
    clientSecret: 'abc~DEF-another-secret',
    secretExpiresAt: '2099-01-01T00:00:00.000Z',
  },
  'put /integrations/{integrationId}/certificate': {
    certificate: 'x'.repeat(64),
    privateKey: 'x'.repeat(64),
  },
  'put /integrations/{integrationId}/admins': { people: ['eve@example.com'], groupId: null },
};
/**
 * Somebody without a document may be asked about, in the own tenant: there another's person is answered like nobody.
 */
const ABOUT_ANYBODY = new Set(['get /users/{userId}/explain', 'post /users/{userId}/sync']);
/** What has no end. */
const STREAMS = new Set(['/stream']);
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];
type Operation = { parameters?: { name: string; in: string }[]; requestBody?: object };

describe('what belongs to another tenant', () => {
  let admin: AdminHarness;
  let a = '';
  let b = '';
  let keyOfA: Record<string, string> = {};
  let paths: Record<string, Partial<Record<Method, Operation>>> = {};

  before(async () => {
    admin = await startAdmin({
      resources: createResources('own tenant', testServers().mongodbUri),
      brokers: testServers().kafkaBrokers,
    });
    const create = async (tenantId: string, name: string): Promise<string> => {
      const body = newIntegration({ tenantId, name });
      const answer = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
      return answer.body.integrationId;
    };
    a = await create(TENANT_A, 'Tenant A');
    b = await create(TENANT_B, 'Tenant B');
    for (const id of [a, b]) await admin.agent.post(`/api/v1/integrations/${id}/start`).set(operator).expect(200);
    await makeFresh(admin.store, { integrationId: a, tenantId: TENANT_A, groupId: null });
    await insertPerson(admin.store, person(TENANT_B, BERT, { displayName: 'Bert' }));
    await admin.store.plans.save({
      planId: PLAN_B,
      integrationId: b,
      tenantId: TENANT_B,
      groupId: null,
      reason: 'too many',
      candidates: [{ userId: BERT, why: 'absent', state: 'waiting' }] as never,
      inScope: 10,
      state: 'waiting',
      createdAt: at(0),
      updatedAt: at(0),
      decidedAt: null,
      decidedBy: null,
    });
    const key = { name: 'A’s admin', role: 'tenant-admin', integrationId: a };
    const { body: made } = await admin.agent.post('/api/v1/keys').set(operator).send(key).expect(201);
    keyOfA = bearer(made.key);
    const { body: document } = await admin.agent.get('/api/v1/openapi.json').set(operator).expect(200);
    paths = document.paths;
  });
  after(() => admin.stop());

  const fill = (path: string, userId: string): string =>
    path
      .replace('{integrationId}', b)
      .replace('{userId}', userId)
      .replace('{planId}', PLAN_B)
      .replace('{slot}', 'a')
      .replaceAll(/\{\w+\}/g, '0');

  const call = async (method: Method, path: string, { query = '', userId = BERT } = {}) => {
    const body = JSON.parse(JSON.stringify(BODIES[`${method} ${path}`] ?? {}).replace('"B"', `"${b}"`)) as object;
    const request = admin.agent[method](`/api/v1${fill(path, userId)}${query}`)
      .set(keyOfA)
      .set('If-Match', '"1"');
    const { status, text, body: answer } = await (method === 'get' ? request : request.send(body));
    return { status, text, answer, name: `${method} ${path}${query}` };
  };
  const operations = () =>
    Object.entries(paths)
      .filter(([path]) => !STREAMS.has(path))
      .flatMap(([path, byMethod]) =>
        METHODS.flatMap((method) => {
          const operation = byMethod[method];
          return operation ? [{ method, path, operation }] : [];
        }),
      );

  it('is 404 by its id, on every route of the document that takes one', async () => {
    const withId = operations().filter(({ path }) => /\{(integrationId|userId|planId)\}/.test(path));
    assert.ok(withId.length >= 12, String(withId.length));
    for (const { method, path } of withId) {
      const { status, text, answer, name } = await call(method, path);
      const forOperators = status === 403 && /Only an operator/.test(answer.detail);
      if (ABOUT_ANYBODY.has(name)) {
        assert.equal(answer.integrationId, a, name);
        const ofNobody = await call(method, path, { userId: NOBODY });
        const { requestedAt: _at, ...told } = answer;
        const { requestedAt: _then, ...toldOfNobody } = ofNobody.answer;
        assert.deepEqual([status, { ...told, userId: NOBODY }], [ofNobody.status, toldOfNobody], name);
      } else assert.ok(status === 404 || forOperators, `${name}: ${status} ${text}`);
      assert.ok(!/Bert|Tenant B|bbbbbbbb-/.test(text.replaceAll(b, '')), `${name}: ${text}`);
    }
  });

  it('is 404 when a query names it, and in no list, export or status', async () => {
    for (const { method, path, operation } of operations()) {
      if (/\{/.test(path) || method !== 'get' || path === '/openapi.json') continue;
      const takesId = operation.parameters?.some(({ name }) => name === 'integrationId') === true;
      const plain = await call(method, path);
      assert.ok(!/Bert|Tenant B|bbbbbbbb-/.test(plain.text), `${plain.name}: ${plain.text}`);
      if (!takesId) continue;
      const named = await call(method, path, { query: `?integrationId=${b}` });
      assert.equal(named.status, 404, `${named.name}: ${named.text}`);
    }
  });

  it('is out of reach of a body that names it, on every route that takes a body', async () => {
    const withBody = operations().filter(({ operation }) => operation.requestBody !== undefined);
    assert.deepEqual(
      withBody.map(({ method, path }) => `${method} ${path}`).toSorted(),
      Object.keys(BODIES).toSorted(),
    );
    for (const { method, path } of withBody) {
      const { status, text, name } = await call(method, path);
      assert.ok(status === 404 || status === 403, `${name}: ${status} ${text}`);
    }
  });

  it('learns nothing of who tried, but who tried is noted in the own audit', async () => {
    const key = { name: 'B’s admin', role: 'tenant-admin', integrationId: b };
    const { body: made } = await admin.agent.post('/api/v1/keys').set(operator).send(key).expect(201);
    await call('post', '/integrations/{integrationId}/pause');
    const read = async (whose: Record<string, string>) =>
      (await admin.agent.get('/api/v1/audit?limit=500').set(whose).expect(200)).body.items;
    const tried = (record: { action: string; target: string | null; outcome: string }): boolean =>
      record.action === 'post /integrations/{integrationId}/pause' && record.outcome === 'refused';
    // What is noted comes after the answer.
    const own = await eventually(async () => (await read(keyOfA)).find(tried), { within: 10_000 });
    assert.deepEqual([own.integrationId, own.target], [a, `integrationId ${b}`]);
    const actors = (await read(bearer(made.key))).map(({ actor }: { actor: string }) => actor);
    assert.ok(!actors.includes(own.actor), String(actors));
  });

  it('was not changed by any of it', async () => {
    const { body } = await admin.agent.get(`/api/v1/integrations/${b}`).set(operator).expect(200);
    assert.deepEqual([body.name, body.state, body.revision], ['Tenant B', 'active', 2]);
    assert.equal((await admin.store.plans.get(PLAN_B))?.state, 'waiting');
  });
});
