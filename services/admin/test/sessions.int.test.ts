import assert from 'node:assert/strict';
import { hashPassword } from '@muster/contracts';
import { createResources, testServers } from '@muster/test-support';
import { toHash } from '../src/keys/hash.js';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';

const operator = bearer(OPERATOR_KEY);
const SAME = { 'Sec-Fetch-Site': 'same-origin' };
const HOUR = 3_600_000;
const PASSWORD = 'correct horse battery staple';
const cookieOf = (headers: Record<string, unknown>): string => String(headers['set-cookie']).split(';')[0] ?? '';

describe('sessions without Microsoft', () => {
  let admin: AdminHarness;
  let passed = 0;
  before(async () => {
    admin = await startAdmin({
      resources: createResources('sessions', testServers().mongodbUri),
      brokers: testServers().kafkaBrokers,
      breakGlassHash: await hashPassword(PASSWORD),
      now: () => new Date(Date.now() + passed),
    });
  });
  after(() => admin.stop());

  const signIn = async (cookie = ''): Promise<string> => {
    const response = await admin.agent
      .post('/session')
      .set({ ...SAME, Cookie: cookie })
      .send({ key: OPERATOR_KEY })
      .expect(204);
    return cookieOf(response.headers);
  };
  const whoAmI = (cookie: string) => admin.agent.get('/api/v1/session').set('Cookie', cookie);
  const audited = async () => (await admin.agent.get('/api/v1/audit').set(operator).expect(200)).body.items;

  it('a session says who it is, and is stored as a hash', async () => {
    const cookie = await signIn();
    const { body } = await whoAmI(cookie).expect(200);
    assert.deepEqual([body.role, body.actor, body.integrationId, body.gate], ['operator', 'key bootstrap', null, null]);
    assert.ok(Date.parse(body.expiresAt) > Date.now());
    assert.equal(await admin.store.sessions.get(cookie.split('=')[1] ?? ''), null);
  });

  it('signing in again gives a new id, and the old one is worth nothing', async () => {
    const first = await signIn();
    const second = await signIn(first);
    assert.notEqual(first, second);
    await whoAmI(first).expect(401);
    await whoAmI(second).expect(200);
  });

  it('ends when it is not used for an hour, and after twelve whatever happens', async () => {
    const idle = await signIn();
    const busy = await signIn();
    for (let hours = 0; hours < 12; hours += 0.75) {
      await whoAmI(busy).expect(200);
      passed += 0.75 * HOUR;
    }
    await whoAmI(idle).expect(401);
    await whoAmI(busy).expect(401);
  });

  it('another site cannot sign anybody in, out, or change things; a key needs no such proof', async () => {
    const cookie = await signIn();
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example' }, {}]) {
      await admin.agent.post('/session').set(headers).send({ key: OPERATOR_KEY }).expect(403);
      await admin.agent.post('/session/break-glass').set(headers).send({ password: PASSWORD }).expect(403);
      await admin.agent
        .post('/session/sign-out')
        .set({ ...headers, Cookie: cookie })
        .expect(403);
      await admin.agent
        .post('/api/v1/setup-links')
        .set({ ...headers, Cookie: cookie })
        .expect(403);
    }
    await whoAmI(cookie).expect(200);
    await admin.agent.post('/api/v1/setup-links').set(operator).expect(201);
  });

  it('signing out ends it at the server, and is in the audit', async () => {
    const cookie = await signIn();
    await admin.agent
      .post('/session/sign-out')
      .set({ ...SAME, Cookie: cookie })
      .type('form')
      .expect(303);
    await whoAmI(cookie).expect(401);
    const [newest] = await audited();
    assert.deepEqual([newest.action, newest.actor, newest.outcome], ['sign-out', 'key bootstrap', 'done']);
  });

  it('a tenant admin’s sessions, wrong keys, exports and what a file changed are in the audit, with the integration', async () => {
    const wanted = { ...newIntegration({ tenantId: '77777777-7777-4777-8777-777777777777' }) };
    const file = { integrations: [wanted] };
    const { body: applied } = await admin.agent.post('/api/v1/apply').set(operator).send(file).expect(200);
    const { integrationId } = applied.items[0];
    const newest = async (count: number) =>
      (await audited())
        .slice(0, count)
        .map(({ action, integrationId: id, outcome }: Record<string, unknown>) => [action, id, outcome]);
    assert.deepEqual(await newest(1), [['post /apply', integrationId, 'done']]);
    const key = { name: 'k', role: 'tenant-admin', integrationId };
    const { body: made } = await admin.agent.post('/api/v1/keys').set(operator).send(key).expect(201);
    const began = await admin.agent.post('/session').set(SAME).send({ key: made.key }).expect(204);
    await admin.agent.get('/api/v1/users/export').set(bearer(made.key)).expect(200);
    await admin.agent.post('/session').set(SAME).send({ key: 'wrong' }).expect(401);
    await admin.agent
      .post('/session/sign-out')
      .set({ ...SAME, Cookie: cookieOf(began.headers) })
      .expect(204);
    assert.deepEqual(await newest(4), [
      ['sign-out', integrationId, 'done'],
      ['sign-in by key', null, 'refused'],
      ['get /users/export', integrationId, 'done'],
      ['sign-in by key', integrationId, 'done'],
    ]);
    await admin.agent.delete(`/api/v1/integrations/${integrationId}`).set(operator).expect(204);
  });

  it('a key gives away only what it has itself', async () => {
    const make = (key: Record<string, string>, over: object = {}) =>
      admin.agent
        .post('/api/v1/keys')
        .set(key)
        .send({ name: 'k', role: 'operator', ...over });
    const { body: giver } = await make(operator, { scopes: ['keys', 'read'] }).expect(201);
    const given = bearer(giver.key);
    const { body: refused } = await make(given, { scopes: ['read', 'write'] }).expect(403);
    assert.match(refused.detail, /lacks write/);
    const { body: same } = await make(given).expect(201);
    assert.deepEqual(same.scopes, ['keys', 'read']);
    await admin.agent.get('/api/v1/keys').set(bearer(same.key)).expect(200);
    await admin.agent.post('/api/v1/setup-links').set(given).expect(403);
    await admin.agent.post('/api/v1/setup-links').set(operator).expect(201);
    const { body: runner } = await make(operator, { scopes: ['operate'] }).expect(201);
    const sync = '/api/v1/users/00000000-0000-4000-8000-00000000000c/sync';
    await admin.agent.post(sync).set(given).expect(403);
    const { status } = await admin.agent.post(sync).set(bearer(runner.key));
    assert.notEqual(status, 403, 'operate is the scope for it');
  });

  it('an administrator, who may do everything in the integration, is named by a key that may too', async () => {
    const settings = newIntegration({ tenantId: '88888888-8888-4888-8888-888888888888' });
    const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(settings).expect(201);
    const name = (key: string) =>
      admin.agent
        .put(`/api/v1/integrations/${made.integrationId}/admins`)
        .set(bearer(key))
        .send({ people: ['eve@example.com'], groupId: null });
    const give = async (body: object): Promise<string> =>
      (
        await admin.agent
          .post('/api/v1/keys')
          .set(operator)
          .send({ name: 'k', ...body })
      ).body.key;
    const keysOnly = await give({ role: 'operator', scopes: ['keys'] });
    assert.match((await name(keysOnly).expect(403)).body.detail, /lacks read, write, operate/);
    const writeOnly = await give({ role: 'operator', scopes: ['read', 'write', 'operate', 'gate'] });
    await name(writeOnly).expect(403);
    const path = `/api/v1/integrations/${made.integrationId}`;
    assert.deepEqual((await admin.agent.get(`${path}/admins`).set(operator)).body.people, []);
    await name(await give({ role: 'tenant-admin', integrationId: made.integrationId })).expect(200);
    await admin.agent.delete(path).set(operator).expect(204);
  });

  it('a setup link signs an operator in, once, within an hour', async () => {
    const make = async () =>
      new URL((await admin.agent.post('/api/v1/setup-links').set(operator).expect(201)).body.url);
    const link = await make();
    await admin.agent.head(link.pathname).expect(204);
    const { headers } = await admin.agent.get(link.pathname).expect(303);
    const { body } = await whoAmI(cookieOf(headers)).expect(200);
    assert.deepEqual([body.role, body.actor], ['operator', 'setup-link']);
    const again = await admin.agent.get(link.pathname).expect(410);
    assert.equal(again.headers['set-cookie'], undefined);
    const late = await make();
    passed += HOUR;
    await admin.agent.get(late.pathname).expect(410);
    await admin.agent.get('/setup-link/v1.forged').expect(410);
  });

  it('a setup link lets its holder in for as long as its maker may, also from link to link, and never longer', async () => {
    const make = async (headers: Record<string, string>): Promise<string> =>
      new URL((await admin.agent.post('/api/v1/setup-links').set(headers).expect(201)).body.url).pathname;
    const enter = async (path: string): Promise<string> => cookieOf((await admin.agent.get(path).expect(303)).headers);
    const { body: made } = await admin.agent.post('/api/v1/keys').set(operator).send({ name: 'k', role: 'operator' });
    const first = await enter(await make(bearer(made.key)));
    const { body: before } = await whoAmI(first).expect(200);
    const sessionOf = (cookie: string) => admin.store.sessions.get(toHash(cookie.split('=')[1] ?? ''));
    const { endsAt } = (await sessionOf(first))!;
    passed += 0.5 * HOUR;
    const second = await enter(await make({ ...SAME, Cookie: first }));
    assert.deepEqual([before.actor, (await sessionOf(second))?.endsAt], ['setup-link', endsAt], 'no new twelve hours');
    const [unused, another] = [await make(bearer(made.key)), await make({ ...SAME, Cookie: second })];
    await admin.agent.delete(`/api/v1/keys/${made.keyId}`).set(operator).expect(204);
    for (const cookie of [first, second]) {
      await whoAmI(cookie).expect(401);
      await admin.agent
        .post('/api/v1/setup-links')
        .set({ ...SAME, Cookie: cookie })
        .expect(401);
    }
    for (const path of [unused, another]) await admin.agent.get(path).expect(410);
    await whoAmI(await enter(await make(operator))).expect(200);
  });

  it('the break-glass password opens a session, is told of, and is guessed slowly', async () => {
    const attempt = (password: string) =>
      admin.agent
        .post('/session/break-glass')
        .set({ ...SAME, 'X-Forwarded-For': '203.0.113.9' })
        .send({ password });
    const { headers } = await attempt(PASSWORD).expect(204);
    const { body } = await whoAmI(cookieOf(headers)).expect(200);
    assert.deepEqual([body.role, body.actor], ['operator', 'break-glass']);
    await attempt('wrong').expect(401);
    const [refused, opened] = await audited();
    assert.deepEqual([refused.action, refused.outcome], ['break-glass', 'refused']);
    assert.deepEqual([opened.action, opened.outcome], ['sign-in by break-glass', 'done']);
    assert.ok(!['203.0.113.9', null].includes(refused.address), 'no proxy is trusted here, so nobody names an address');
    const statuses = [];
    for (let tries = 0; tries < 5; tries += 1) statuses.push((await attempt('wrong')).status);
    assert.ok(statuses.includes(429), String(statuses));
    await attempt(PASSWORD).expect(429);
  });

  it('every change is audited with who, what and how it ended; reads and bodies are not', async () => {
    const body = newIntegration({ name: 'audited one' });
    const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    await admin.agent.get(`/api/v1/integrations/${made.integrationId}`).set(operator).expect(200);
    await admin.agent.post(`/api/v1/integrations/${made.integrationId}/pause`).set(operator).expect(409);
    const { text, body: page } = await admin.agent.get('/api/v1/audit?limit=2').set(operator).expect(200);
    assert.deepEqual(
      page.items.map(({ action, integrationId, outcome, status }: Record<string, unknown>) => [
        action,
        integrationId,
        outcome,
        status,
      ]),
      [
        ['post /integrations/{integrationId}/pause', made.integrationId, 'refused', 409],
        ['post /integrations', made.integrationId, 'done', 201],
      ],
    );
    assert.ok(!text.includes('abc~DEF'), text);
    await admin.agent.delete(`/api/v1/integrations/${made.integrationId}`).set(operator).expect(204);
    const next = await admin.agent.get(`/api/v1/audit?limit=2&cursor=${page.nextCursor}`).set(operator).expect(200);
    assert.ok(next.body.items[0].auditId < page.items[1].auditId);
    await admin.agent.get('/api/v1/audit?cursor=nonsense').set(operator).expect(400);
  });

  it('a key does what its scopes say, until it expires, and says when it was used', async () => {
    const make = async (over: object) =>
      (
        await admin.agent
          .post('/api/v1/keys')
          .set(operator)
          .send({ name: 'k', role: 'operator', ...over })
          .expect(201)
      ).body;
    const reader = await make({ scopes: ['read'] });
    await admin.agent.get('/api/v1/integrations').set(bearer(reader.key)).expect(200);
    const { body } = await admin.agent.post('/api/v1/setup-links').set(bearer(reader.key)).expect(403);
    assert.match(body.detail, /scope keys; it has read/);
    const gate = await make({ scopes: ['gate'] });
    await admin.agent.get('/api/v1/integrations').set(bearer(gate.key)).expect(403);
    await admin.agent.get('/api/v1/gate/00000000-0000-4000-8000-00000000000c').set(bearer(gate.key)).expect(404);
    const short = await make({ expiresAt: new Date(Date.now() + passed + 60_000).toISOString() });
    await admin.agent.get('/api/v1/integrations').set(bearer(short.key)).expect(200);
    passed += 60_000;
    await admin.agent.get('/api/v1/integrations').set(bearer(short.key)).expect(401);
    const { body: list } = await admin.agent.get('/api/v1/keys').set(operator).expect(200);
    assert.ok(list.items.every(({ lastUsedAt }: { lastUsedAt: string | null }) => lastUsedAt !== null));
  });

  // The last one: this address has used up its tries.
  it('links that somebody makes up are slowed down, so that they do not fill the audit; a good one still works', async () => {
    const stranger = { 'X-Forwarded-For': '203.0.113.7' };
    const statuses = new Set<number>();
    for (let tries = 0; tries < 40; tries += 1)
      statuses.add((await admin.agent.get(`/setup-link/v1.made-up-${tries}`).set(stranger)).status);
    assert.deepEqual([...statuses], [410, 429]);
    const { body } = await admin.agent.get('/api/v1/audit?limit=100').set(operator).expect(200);
    const noted = body.items.filter(({ action }: { action: string }) => action === 'setup-link');
    assert.ok(noted.length <= 40, String(noted.length));
    const made = await admin.agent.post('/api/v1/setup-links').set(operator).expect(201);
    await admin.agent.get(new URL(made.body.url).pathname).expect(303);
  });
});
