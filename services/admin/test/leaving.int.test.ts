import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Part } from '@muster/runtime';
import type { Publisher } from '@muster/event-log';
import { createLogger } from '@muster/telemetry';
import { createResources, eventually, testServers } from '@muster/test-support';
import { keepHistoryPart } from '../src/history/keep-history.js';
import { toHash } from '../src/keys/hash.js';
import { followChangesPart } from '../src/stream/follow-changes.js';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';
import { insertPerson, makeFresh, person, toChange, updatePerson } from './people-fixtures.js';

const operator = bearer(OPERATOR_KEY);
const TENANT = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const GROUP = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
const id = (last: string): string => `00000000-0000-4000-8000-0000000000${last}`;
const OPERATOR = `${TENANT}/${id('08')}`;

describe('somebody who leaves while signed in', () => {
  let admin: AdminHarness;
  let publisher: Publisher;
  let integrationId = '';
  let origin = '';

  before(async () => {
    const resources = createResources('leaving', testServers().mongodbUri);
    admin = await startAdmin({ resources, brokers: testServers().kafkaBrokers, operators: [OPERATOR] });
    const { store, eventLog, streams } = admin;
    const logger = createLogger({ service: 'admin', level: 'silent' });
    const onCrash = (error: Error): void => assert.fail(error);
    const parts: Part[] = [
      followChangesPart({ eventLog, sessions: store.sessions, streams, logger, onCrash }),
      keepHistoryPart({ eventLog, changes: store.changes, keepFor: 86_400_000, logger, onCrash }),
    ];
    for (const part of parts) {
      await part.start();
      resources.onRemove(() => part.stop());
      await eventually(() => part.state?.().status === 'running', { within: 20_000 });
    }
    publisher = eventLog.publisher();
    await publisher.start();
    resources.onRemove(() => publisher.stop());
    const body = newIntegration({ tenantId: TENANT, groupId: GROUP });
    const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    integrationId = made.integrationId;
    await admin.agent.post(`/api/v1/integrations/${integrationId}/start`).set(operator).expect(200);
    await makeFresh(store, { integrationId, tenantId: TENANT, groupId: GROUP });
    const server = admin.app.listen(0);
    await once(server, 'listening');
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    resources.onRemove(() => {
      server.closeAllConnections();
      return Promise.resolve(server.close());
    });
  });
  after(() => admin.stop());

  /** As the sign-in leaves it; `byLink`: as a setup link does that this person made. */
  async function signIn(userId: string, { byLink = false } = {}): Promise<string> {
    const person = { kind: 'person', integrationId, tenantId: TENANT, userId } as const;
    const sessionId = randomBytes(32).toString('base64url');
    const now = new Date();
    const later = new Date(now.getTime() + 3_600_000).toISOString();
    await admin.store.sessions.insert({
      sessionHash: toHash(sessionId),
      subject: byLink ? { kind: 'setup-link', maker: person } : person,
      createdAt: now.toISOString(),
      seenAt: now.toISOString(),
      expiresAt: later,
      endsAt: later,
      provedAt: now.toISOString(),
    });
    return `muster-session=${sessionId}`;
  }
  const open = async (headers: Record<string, string>) => {
    const stopping = new AbortController();
    const response = await fetch(`${origin}/api/v1/stream`, { headers, signal: stopping.signal });
    assert.equal(response.status, 200);
    let text = '';
    let ended = false;
    void (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    })()
      .catch(() => undefined)
      .finally(() => (ended = true));
    return { text: () => text, ended: () => ended, close: () => stopping.abort() };
  };
  const publish = (...changes: ReturnType<typeof toChange>[]) =>
    publisher.publish(
      changes.map((value) => ({ topic: 'changes' as const, key: `${TENANT}/${value.subject}`, value })),
    );

  /** A group that has just joined begins at the end of the log, a little later: until it hears of this person. */
  async function heardOf(userId: string): Promise<void> {
    const watching = await open(operator);
    const known = toChange(person(TENANT, userId));
    await eventually(
      async () => {
        await publish(known);
        return watching.text().includes(userId);
      },
      { within: 20_000, every: 100 },
    );
    watching.close();
  }

  it('is refused by the next request as soon as the document says so, whatever the feed does', async () => {
    const ada = person(TENANT, id('01'));
    await insertPerson(admin.store, ada);
    const cookie = await signIn(ada.userId);
    const { body } = await admin.agent.get('/api/v1/session').set('Cookie', cookie).expect(200);
    assert.deepEqual([body.role, body.gate.why, body.gate.by, body.name], ['member', 'in-group', 'projection', 'Ada']);
    await updatePerson(admin.store, { ...ada, revision: 2, status: 'disabled', ssoEnabled: false });
    await admin.agent.get('/api/v1/session').set('Cookie', cookie).expect(401);
    await updatePerson(admin.store, { ...ada, revision: 3 });
    await admin.agent.get('/api/v1/session').set('Cookie', cookie).expect(401);
  });

  it('has open pages cut off within 2 s of the change, and nobody else’s', async () => {
    const [ada, bert] = [person(TENANT, id('02')), person(TENANT, id('03'))];
    for (const one of [ada, bert]) await insertPerson(admin.store, one);
    const pages = {
      ada: await open({ Cookie: await signIn(ada.userId) }),
      bert: await open({ Cookie: await signIn(bert.userId) }),
    };
    await heardOf(ada.userId);
    const left = { ...ada, revision: 2, status: 'out-of-scope', inGroup: false, ssoEnabled: false } as const;
    await updatePerson(admin.store, left);
    const begun = performance.now();
    await publish(toChange(left, 'muster.user.left-scope', ['status', 'inGroup', 'ssoEnabled']));
    await eventually(() => pages.ada.ended(), { within: 10_000, what: 'the page is cut off' });
    const took = performance.now() - begun;
    assert.ok(took < 2_000, `took ${took} ms`);
    assert.match(pages.ada.text(), /event: cut\ndata: \{"why":"signed-out"\}/);
    assert.equal(pages.bert.ended(), false);
    pages.bert.close();
  });

  it('who came in by the setup link of an operator who leaves is out too, open pages within 2 s', async () => {
    const [eve, bert] = [person(TENANT, id('08')), person(TENANT, id('09'))];
    for (const one of [eve, bert]) await insertPerson(admin.store, one);
    const cookie = await signIn(eve.userId, { byLink: true });
    const page = await open({ Cookie: cookie });
    await admin.agent
      .get('/api/v1/session')
      .set('Cookie', await signIn(bert.userId, { byLink: true }))
      .expect(401);
    await heardOf(eve.userId);
    const left = { ...eve, revision: 2, status: 'out-of-scope', inGroup: false, ssoEnabled: false } as const;
    await updatePerson(admin.store, left);
    const begun = performance.now();
    await publish(toChange(left, 'muster.user.left-scope', ['status', 'inGroup', 'ssoEnabled']));
    await eventually(() => page.ended(), { within: 10_000, what: 'the page is cut off' });
    const took = performance.now() - begun;
    assert.ok(took < 2_000, `took ${took} ms`);
    await admin.agent.get('/api/v1/session').set('Cookie', cookie).expect(401);
  });

  it('a member’s page hears of nobody; an administrator’s of the own tenant’s changes', async () => {
    const ada = person(TENANT, id('04'));
    await insertPerson(admin.store, ada);
    const member = await open({ Cookie: await signIn(ada.userId) });
    const watching = await open(operator);
    await publish(toChange({ ...ada, userId: id('05') }), toChange(ada));
    await eventually(() => watching.text().includes(id('04')), { within: 10_000 });
    assert.match(watching.text(), new RegExp(`"integrationId":"${integrationId}".*"what":"muster.user.created"`));
    assert.ok(!member.text().includes('event: change'), member.text());
    for (const page of [member, watching]) page.close();
  });

  it('the history tells each change once, newest first, with its way', async () => {
    const ada = person(TENANT, id('06'));
    await insertPerson(admin.store, ada);
    const renamed = { ...ada, revision: 2, displayName: 'Ada L', changedAt: new Date(Date.now() + 10).toISOString() };
    await updatePerson(admin.store, renamed);
    const second = toChange(renamed, 'muster.user.updated', ['displayName']);
    await publish(toChange(ada), second, second);
    const url = `/api/v1/users/${ada.userId}/history`;
    const items = await eventually(
      async () => {
        const { body } = await admin.agent.get(url).set(operator).expect(200);
        return body.items.length >= 2 && body.items;
      },
      { within: 10_000 },
    );
    assert.deepEqual(
      items.map(({ revision, values }: { revision: number; values: object }) => [revision, values]),
      [
        [2, { displayName: 'Ada L' }],
        [1, {}],
      ],
    );
    const [read, written, told] = items[1].way.steps;
    assert.deepEqual([read.step, written.step, told.step], ['read', 'written', 'told']);
    assert.ok(told.ms >= 0 && told.at > written.at);
    const { body: first } = await admin.agent.get(`${url}?limit=1`).set(operator).expect(200);
    const { body: next } = await admin.agent.get(`${url}?limit=1&cursor=${first.nextCursor}`).set(operator).expect(200);
    assert.deepEqual([first.items[0].revision, next.items[0].revision], [2, 1]);
  });

  it('the gate answers for products, with the reason', async () => {
    const { body } = await admin.agent
      .get(`/api/v1/gate/${id('03')}`)
      .set(operator)
      .expect(200);
    assert.deepEqual(
      [body.allowed, body.why, body.by, body.integrationId],
      [true, 'in-group', 'projection', integrationId],
    );
    const { body: left } = await admin.agent
      .get(`/api/v1/gate/${id('02')}`)
      .set(operator)
      .expect(200);
    assert.deepEqual([left.allowed, left.why], [false, 'out-of-scope']);
    await admin.agent
      .get(`/api/v1/gate/${id('99')}`)
      .set(operator)
      .expect(404);
  });

  it('an export holds everybody that the filters leave, and no formula', async () => {
    const eve = person(TENANT, id('07'), { displayName: '=HYPERLINK("https://evil.example")', userType: 'Guest' });
    await insertPerson(admin.store, eve);
    const { text, headers } = await admin.agent.get('/api/v1/users/export?userType=Guest').set(operator).expect(200);
    assert.match(headers['content-type'] ?? '', /^text\/csv/);
    const [head, line, rest] = text.split('\r\n');
    assert.match(head ?? '', /^\uFEFFuserId,tenantId/);
    assert.match(line ?? '', /,"'=HYPERLINK\(""https/);
    assert.equal(rest, '');
    const all = await admin.agent
      .get('/api/v1/users/export?format=ndjson')
      .set(operator)
      .buffer(true)
      .parse((response, done) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => done(null, body));
      });
    const people = String(all.body)
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one));
    const { body: list } = await admin.agent.get('/api/v1/users?limit=500').set(operator).expect(200);
    assert.deepEqual(people, list.items);
  });
});
