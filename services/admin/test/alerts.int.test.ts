import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createResources, eventually, testServers } from '@muster/test-support';
import { createAlertMetrics } from '../src/alerts/alert-metrics.js';
import { createAlertWatch } from '../src/alerts/watch-alerts.js';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';
import { at } from './people-fixtures.js';

const operator = bearer(OPERATOR_KEY);
const SECRET = 'the-secret-of-the-webhook-0123456789';
const PASSWORD = 'the-password-of-the-relay-42';
const TENANT = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';

type Got = { headers: Record<string, string | string[] | undefined>; body: string };

/** The machine may be busy with other runs. */
const SLOW = { within: 20_000 };

describe('alerts', () => {
  let admin: AdminHarness;
  let hook: Server;
  let relay: SMTPServer;
  let hookUrl = '';
  let integrationId = '';
  let status = 200;
  let passed = 0;
  const got: Got[] = [];
  const mails: string[] = [];
  const logins: string[] = [];

  before(async () => {
    const { mongodbUri, kafkaBrokers, tlsCertFile, tlsKeyFile } = testServers();
    const [cert, key] = await Promise.all([readFile(tlsCertFile), readFile(tlsKeyFile)]);
    hook = createServer({ cert, key }, (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
        response
          .writeHead(status, status === 302 ? { Location: 'https://localhost/elsewhere' } : {})
          .end('hush-answer');
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    hookUrl = `https://localhost:${(hook.address() as AddressInfo).port}/alerts/path-token`;
    relay = new SMTPServer({
      ...{ cert, key, authOptional: false },
      onAuth: ({ username, password }, _session, done) => {
        logins.push(`${username} ${password}`);
        done(null, { user: username });
      },
      onData: (stream, _session, done) => {
        let text = '';
        stream.on('data', (part: Buffer) => (text += part.toString()));
        stream.on('end', () => {
          mails.push(text);
          done();
        });
      },
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    admin = await startAdmin({ resources: createResources('alerts', mongodbUri), brokers: kafkaBrokers });
    const made = await admin.agent
      .post('/api/v1/integrations')
      .set(operator)
      .send(newIntegration({ tenantId: TENANT }));
    integrationId = made.body.integrationId;
    await admin.agent.post(`/api/v1/integrations/${integrationId}/start`).set(operator).expect(200);
    copies = [watch(), watch(), watch()];
  });
  after(async () => {
    hook.close();
    hook.closeAllConnections();
    await new Promise<void>((resolve) => relay.close(resolve));
    await admin.stop();
  });

  const put = (body: object) => admin.agent.put('/api/v1/alerts/targets').set(operator).send(body);
  const test = async (kind: string) =>
    (await admin.agent.post(`/api/v1/alerts/targets/${kind}/test`).set(operator).expect(200)).body;
  const alerts = async (key = operator) => (await admin.agent.get('/api/v1/alerts').set(key).expect(200)).body;
  /** Each copy has its own, as processes have: who does not watch clears them. */
  const shown: ReturnType<typeof createMetrics>[] = [];
  const readMetrics = async () => (await Promise.all(shown.map((metrics) => metrics.text()))).join('\n');
  const watch = () => {
    const metrics = createMetrics({ service: 'admin' });
    shown.push(metrics);
    return createAlertWatch({
      ...{ store: admin.store, readCondition: admin.readCondition, sealer: admin.sealer, privateHosts: ['localhost'] },
      ...{ metrics: createAlertMetrics(metrics), periods: { usersEveryMs: 86_400_000, mfaEveryMs: 3_600_000 } },
      toRunbook: (rule) => `docs/runbook.md#${rule}`,
      holder: randomUUID(),
      now: () => new Date(Date.now() + passed),
      logger: createLogger({ service: 'admin', level: 'silent' }),
    });
  };
  /** Whichever of them holds the lease goes on watching. */
  let copies: ReturnType<typeof watch>[] = [];
  const lookAll = () => Promise.all(copies.map((look) => look()));
  const plan = (state: 'waiting' | 'refused') =>
    admin.store.plans.save({
      ...{
        planId: 'p',
        integrationId,
        tenantId: TENANT,
        groupId: null,
        reason: 'too many',
        candidates: [],
        inScope: 9,
      },
      ...{ state, createdAt: at(0), updatedAt: at(0), decidedAt: null, decidedBy: null },
    });
  /** Of the plan's alert: others come and go with what else this system is. */
  const told = () =>
    got
      .map(({ body }) => JSON.parse(body))
      .filter(({ data }) => data.rule === 'plan-waits')
      .map(({ type }) => type);

  it('a target is https and public, unless its host is allowed; its secret is sealed and never comes back', async () => {
    await put({ webhook: { url: 'http://example.com/x', secret: SECRET }, email: null }).expect(400);
    await put({ webhook: { url: 'https://user:pass@example.com/x', secret: SECRET }, email: null }).expect(400);
    for (const url of [
      'https://127.0.0.1:4000/',
      'https://[::1]/',
      'https://169.254.169.254/latest',
      'https://2130706433/',
    ]) {
      await put({ webhook: { url, secret: SECRET }, email: null }).expect(200);
      const { ok, failure } = await test('webhook');
      assert.deepEqual([ok, /private network/.test(failure)], [false, true], `${url}: ${failure}`);
    }
    const { text } = await put({ webhook: { url: hookUrl, secret: SECRET }, email: null }).expect(200);
    assert.ok(!text.includes(SECRET));
    const kept = JSON.stringify(await admin.store.alertTargets.get());
    assert.ok(!kept.includes(SECRET));
    assert.ok(!kept.includes('path-token'), 'nor the address, which may hold a token');
    const shown = await admin.agent.get('/api/v1/alerts/targets').set(operator).expect(200);
    assert.equal(shown.body.webhook.address, `${new URL(hookUrl).origin}/…oken`);
    for (const answer of [text, shown.text]) assert.ok(!answer.includes('path-token'), answer);
    for (const bad of ['whsec_???????????????????????????', 'whsec_c2hvcnQtc2VjcmV0LTE2Yg=='])
      await put({ webhook: { url: hookUrl, secret: bad }, email: null }).expect(400);
    const stale = admin.agent.put('/api/v1/alerts/targets').set(operator).set('If-Match', '"0"');
    await stale.send({ webhook: null, email: null }).expect(412);
    await put({ webhook: { url: hookUrl }, email: null }).expect(200);
    await put({ webhook: {}, email: null }).expect(200);
    assert.deepEqual(await test('webhook'), { ok: true, failure: null }, 'an address that is left out stays');
    await put({ webhook: { secret: SECRET }, email: null }).expect(200);
    assert.equal(got.length, 1);
    const elsewhere = await put({ webhook: { url: 'https://example.com/' }, email: null }).expect(400);
    assert.equal(elsewhere.body.problems[0].field, 'webhook.secret', 'a kept secret goes to no other address');
    await put({ webhook: null, email: null }).expect(200);
    const none = await put({ webhook: { secret: SECRET }, email: null }).expect(400);
    assert.equal(none.body.problems[0].field, 'webhook.url', 'none is kept');
    await put({ webhook: { url: hookUrl, secret: SECRET }, email: null }).expect(200);
  });

  it('the test message is signed as Standard Webhooks are, and follows no redirect', async () => {
    assert.deepEqual(await test('webhook'), { ok: true, failure: null });
    const { headers, body } = got.at(-1)!;
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`);
    assert.equal(JSON.parse(body).type, 'muster.alert.test');
    status = 302;
    const { failure } = await test('webhook');
    assert.equal(failure, 'The webhook answered 302, not 2xx.');
    status = 200;
    await admin.agent.post('/api/v1/alerts/targets/email/test').set(operator).expect(404);
  });

  it('fires once, however many copies watch, and says so again when it is over', async () => {
    got.length = 0;
    await plan('waiting');
    await lookAll();
    await lookAll();
    assert.deepEqual(told(), ['muster.alert.firing']);
    const { items, lookedAt } = await alerts();
    assert.ok(Date.now() + passed - Date.parse(lookedAt) < 60_000, lookedAt);
    const [fired] = items.filter(({ rule }: { rule: string }) => rule === 'plan-waits');
    assert.deepEqual([fired.state, fired.integrationId, fired.untold], ['firing', integrationId, []]);
    assert.match(fired.runbook, /#plan-waits$/);
    assert.match(await readMetrics(), /muster_alert_holds\{rule="plan-waits",integration="[\w-]+",service="admin"\} 1/);
    assert.match(await readMetrics(), /muster_secret_expires_seconds\{integration="[\w-]+",service="admin"\} 34\d{6}/);
    await plan('refused');
    // The status is shared for a second by all who ask.
    await eventually(async () => {
      await lookAll();
      return told().length === 2;
    });
    assert.deepEqual(told(), ['muster.alert.firing', 'muster.alert.resolved']);
  });

  it('a target that fails is tried again, with the same id, and the list says why', async () => {
    passed += 60_000;
    status = 503;
    got.length = 0;
    await plan('waiting');
    const [first] = await eventually(async () => {
      await lookAll();
      // One failure a look: what else fires is tried before it.
      return told().length > 0 && got.filter(({ body }) => body.includes('plan-waits'));
    }, SLOW);
    const waiting = (await alerts()).items.find(({ rule }: { rule: string }) => rule === 'plan-waits').untold[0];
    assert.deepEqual([waiting.tries, waiting.failure], [1, 'The webhook answered 503, not 2xx.']);
    status = 200;
    await lookAll();
    assert.equal(told().length, 1, 'not before its time');
    passed += 11_000;
    await lookAll();
    const again = got.filter(({ body }) => body.includes('plan-waits'));
    assert.deepEqual(
      again.map(({ headers }) => headers['webhook-id']),
      [first!.headers['webhook-id'], first!.headers['webhook-id']],
    );
    await lookAll();
    assert.equal(told().length, 2);
  });

  it('mail goes by STARTTLS with user and password, never a password in the clear', async () => {
    const email = {
      host: 'localhost',
      port: 2525,
      user: 'muster',
      from: 'muster@example.com',
      to: ['ops@example.com'],
    };
    const clear = await put({ webhook: null, email: { ...email, security: 'none', password: PASSWORD } }).expect(400);
    assert.equal(clear.body.problems[0].field, 'email.security');
    const { text } = await put({ webhook: null, email: { ...email, security: 'starttls', password: PASSWORD } });
    assert.ok(!text.includes(PASSWORD));
    const targets = (await admin.store.alertTargets.get())!;
    assert.ok(!JSON.stringify(targets).includes(PASSWORD));
    // Its port is the relay's of this test, which the API does not let in.
    const { port } = relay.server.address() as AddressInfo;
    const moved = { ...targets, email: { ...targets.email!, port }, revision: targets.revision + 1 };
    assert.ok(await admin.store.alertTargets.save(moved));
    assert.deepEqual(await test('email'), { ok: true, failure: null });
    assert.deepEqual(logins, [`muster ${PASSWORD}`]);
    assert.match(mails[0] ?? '', /Subject: \[Muster\] test: A test/);
    await put({ webhook: null, email: { ...email, host: '127.0.0.1', security: 'starttls', password: PASSWORD } });
    assert.match((await test('email')).failure, /private network/, 'only localhost is allowed here');
  });

  it('a tenant admin sees the own alerts only, and no targets', async () => {
    const other = await admin.agent
      .post('/api/v1/integrations')
      .set(operator)
      .send(newIntegration({ tenantId: randomUUID() }));
    const make = async (id: string) => {
      const key = { name: 'k', role: 'tenant-admin', integrationId: id };
      return bearer((await admin.agent.post('/api/v1/keys').set(operator).send(key).expect(201)).body.key);
    };
    const own = await alerts(await make(integrationId));
    assert.ok(own.items.length > 0);
    assert.ok(own.items.every((one: any) => one.integrationId === integrationId && one.untold.length === 0));
    const key = await make(other.body.integrationId);
    assert.deepEqual((await alerts(key)).items, []);
    await admin.agent.get('/api/v1/alerts/targets').set(key).expect(403);
  });

  it('late changes fire, by the lag that the projector measured', async () => {
    const late = { integrationId, step: 'ours', ms: 90_000, at: new Date(Date.now() + passed) } as const;
    await admin.store.lag.add(Array.from({ length: 20 }, () => late));
    const fired = await eventually(async () => {
      await lookAll();
      return (await alerts()).items.find(({ rule }: { rule: string }) => rule === 'late-changes');
    }, SLOW);
    assert.equal(fired.text, 'Of 20 changes of the last hour 20 took more than a minute from receiver to feed.');
    assert.equal(fired.state, 'firing');
  });
});
