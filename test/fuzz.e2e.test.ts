import assert from 'node:assert/strict';
import { deadLetter, TOPICS, type TopicRole } from '@muster/contracts';
import { SERVICES } from '@muster/scripts';
import { eventually, fuzzRuns, fuzzTimeout, testServers } from '@muster/test-support';
import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { runSchemathesis, type KnownIds } from './api-fuzz/schemathesis.js';
import { startAlertHook } from './src/alert-hook.js';
import { findBarriers, overflowOf, startBrowser, visit } from './src/browser.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const MINUTE = 60_000;
const ROLES = Object.keys(TOPICS) as TopicRole[];

/** Bytes that no service of ours would write, and messages that it did, with some fields anything else. */
function toPoison(known: readonly Buffer[]): fc.Arbitrary<Buffer | null> {
  const json = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.uuid(), fc.constantFrom('', -1, 1e300, 'x'.repeat(2_000)));
  const spoilt = fc.constantFrom(...known, Buffer.from('{"version":1}')).chain((value) => {
    const message = JSON.parse(value.toString()) as object;
    return fc
      .dictionary(fc.constantFrom(...Object.keys(message)), json, { minKeys: 1, maxKeys: 3 })
      .map((fields) => Buffer.from(JSON.stringify({ ...message, ...fields })));
  });
  return fc.oneof(
    { weight: 4, arbitrary: spoilt },
    json.map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(null, Buffer.from('['.repeat(50_000)), Buffer.alloc(80_000, 'x')),
  );
}

function toJson(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? 'null');
  } catch {
    return null;
  }
}

/** What is told up to there; the stream is closed then. */
async function readUntil({ body }: Response, end: string): Promise<string> {
  let told = '';
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    told += part;
    if (told.includes(end)) break;
  }
  return told;
}

describe('the running system, whatever it is sent', () => {
  let system: System;
  let connected: Connected;
  let pids: (number | undefined)[];
  before(async () => {
    system = await startTestSystem({ label: 'fuzz', env: { ALERT_PRIVATE_HOSTS: 'localhost' } });
    connected = await connectTenant(system, { people: 40, groupMembers: 20, nestedGroups: 0 });
    pids = SERVICES.map((service) => system.pidOf(service));
  });
  after(() => system.stop());

  /** None has died or given up: an exception that nobody caught ends a service. */
  const expectAllAlive = async (): Promise<void> => {
    assert.deepEqual(
      SERVICES.map((service) => system.pidOf(service)),
      pids,
      'a service was started again',
    );
    for (const service of SERVICES)
      await eventually(() => system.isReady(service), { within: 10_000, what: `${service} is ready` });
  };

  // Ahead of what uses up the requests of a minute.
  it('the live stream, which has no end: whatever asks for it, it opens and tells, or refuses with a problem', async () => {
    const { paths } = await system.admin.get('/openapi.json');
    const documented = Object.keys(paths['/stream'].get.responses).map(Number);
    const asked = fc.record({
      query: fc.oneof({ weight: 2, arbitrary: fc.constant('') }, fc.webQueryParameters()),
      key: fc.oneof(
        { weight: 4, arbitrary: fc.constant(system.keys.MUSTER_BOOTSTRAP_KEY) },
        fc.stringMatching(/^[\w-]{1,60}$/),
      ),
      accept: fc.constantFrom('text/event-stream', '*/*', 'application/json'),
      lastEventId: fc.stringMatching(/^[ -~]{1,100}$/),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ query, key, accept, lastEventId }) => {
        const leaving = new AbortController();
        const answer = await fetch(`${system.origins.admin}/api/v1/stream?${query}`, {
          headers: { Authorization: `Bearer ${key}`, Accept: accept, 'Last-Event-ID': lastEventId },
          signal: leaving.signal,
        });
        assert.ok(documented.includes(answer.status) && answer.status < 500, `${answer.status}`);
        const type = answer.ok ? 'text/event-stream' : 'application/problem+json';
        assert.equal(answer.headers.get('content-type')?.split(';')[0], type);
        if (answer.ok) assert.match(await readUntil(answer, '\n\n'), /^retry: 2000\n\n/);
        leaving.abort();
      }),
      fuzzRuns(50),
    );
    await expectAllAlive();
  });

  it('the live stream tells its first event within seconds', async () => {
    const headers = { Authorization: `Bearer ${system.keys.MUSTER_BOOTSTRAP_KEY}` };
    const signal = AbortSignal.timeout(30_000);
    const answer = await fetch(`${system.origins.admin}/api/v1/stream`, { headers, signal });
    assert.match(await readUntil(answer, '}\n\n'), /^event: status\ndata: \{"at":"/m);
  });

  it('the readable page of the API works under the policy that is served, is accessible and loads nothing from elsewhere', async () => {
    const browser = await startBrowser();
    try {
      const { page, complaints } = await visit(browser, system.origins.admin, {
        key: system.keys.MUSTER_BOOTSTRAP_KEY,
      });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto('/api/v1/docs');
      const { paths } = await system.admin.get('/openapi.json');
      const operations = Object.values<object>(paths).flatMap((path) => Object.keys(path));
      assert.equal(await page.locator('section:not(#shapes) details').count(), operations.length);
      assert.equal(await page.evaluate('getComputedStyle(document.querySelector("nav ul")).display'), 'flex', 'styled');
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        // One of each section: axe takes long for all at a time.
        await page.evaluate(
          'document.querySelectorAll("section > details:first-of-type").forEach((one) => { one.open = true; })',
        );
        assert.equal(await overflowOf(page), 0, `wider than ${width} px`);
      }
      assert.deepEqual(await findBarriers(page), []);
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        asked.filter((url) => !url.startsWith(system.origins.admin)),
        [],
      );
    } finally {
      await browser.close();
    }
  });

  it('poison on every topic stops nobody: what comes behind it is handled', async function () {
    this.timeout(fuzzTimeout(3 * MINUTE));
    const kafka = new Kafka({ brokers: testServers().kafkaBrokers.split(','), logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    try {
      const { numRuns, seed = Date.now() % 2 ** 31 } = fuzzRuns(200);
      // A sample, unlike a property, tells no seed by itself. It spoils what lies on the topics, which is of this run.
      this.test!.title += ` (MUSTER_FUZZ_SEED=${seed})`;
      for (const role of ROLES) {
        const known = (await system.eventLog.readNewest(role, 20)).flatMap(({ value }) => value ?? []);
        const values = fc.sample(toPoison(known), { numRuns, seed });
        const messages = values.map((value, index) => ({ key: `${connected.tenant.tenantId}/poison-${index}`, value }));
        // A few at a time: some are large.
        for (let at = 0; at < messages.length; at += 10)
          await producer.send({
            topic: `${system.topicPrefix}${TOPICS[role].name}`,
            messages: messages.slice(at, at + 10),
          });
      }

      const [watched] = (await system.store.subscriptions.ofIntegration(connected.integrationId)).filter(
        ({ entity, status }) => entity === 'user' && status === 'live',
      );
      const { integrationId, tenantId, subscriptionId } = watched!;
      const event = { version: 1, integrationId, tenantId, subscriptionId, lifecycleEvent: 'subscriptionRemoved' };
      const value = JSON.stringify({ ...event, receivedAt: new Date().toISOString() });
      const topic = `${system.topicPrefix}${TOPICS.lifecycle.name}`;
      await producer.send({ topic, messages: [{ key: subscriptionId, value }] });
    } finally {
      await producer.disconnect();
    }

    const { integrationId } = connected;
    await system.admin.post(`/integrations/${integrationId}/reconcile`, { kind: 'users' });
    const { tenantId } = connected.tenant;
    const people = Array.from({ length: 12 }, (_, index) => ({ displayName: `Behind ${index}`, inGroup: true }));
    const made: { id: string }[] = [];
    for (const person of people) made.push(await system.simulator.call('POST', `/tenants/${tenantId}/users`, person));
    await eventually(
      async () => (await system.store.users.load(made.map(({ id }) => `${tenantId}/${id}`))).size === made.length,
      { within: 2 * MINUTE, what: 'whoever comes behind the poison has a document' },
    );
    await eventually(
      async () => {
        const events = (await system.store.subscriptions.ofIntegration(integrationId)).flatMap(
          (one) => one.events ?? [],
        );
        return events.some(({ reason }) => reason === 'subscriptionRemoved');
      },
      { within: 2 * MINUTE, what: 'the lifecycle event behind the poison is carried out' },
    );
    await eventually(
      async () => {
        const reads = await system.store.snapshots.newest(integrationId, 20);
        return reads.some(({ reason, state }) => reason === 'asked for by API' && state === 'complete');
      },
      { within: 2 * MINUTE, what: 'the read that was asked for behind the poison is complete' },
    );
    await eventually(
      async () => {
        const told = await Promise.all(
          made.map(({ id }) => system.store.changes.ofPerson({ tenantId, userId: id }, { limit: 1 })),
        );
        return told.every(({ length }) => length > 0);
      },
      { within: 2 * MINUTE, what: 'the changes behind the poison are in the history' },
    );
    await expectAllAlive();
    const letters = await system.eventLog.readNewest('deadLetters', 5_000);
    const origins = letters.map(({ value }) => deadLetter.safeParse(toJson(value)).data?.origin.topic);
    assert.ok(origins.includes(TOPICS.notifications.name), 'poison was put aside');
    const { status, body } = await system.admin.call('GET', '/dead-letters?limit=50');
    assert.equal(status, 200, JSON.stringify(body));
  });

  /** One integration more, which may be removed. */
  const findIds = async (): Promise<KnownIds> => {
    const { integrationId, tenant } = connected;
    const { tenantId, clientId, clientSecret, secretExpiresAt } = await system.simulator.createTenant({ people: 3 });
    const draft = { name: 'Draft', tenantId, clientId, clientSecret, secretExpiresAt, cloud: 'custom' };
    const spare = await system.admin.post('/integrations', draft);
    const people = (await system.simulator.truth(tenant.tenantId)).slice(0, 5).map(({ id }) => id);
    return { integrationId: [integrationId], userId: people, removable: [spare.integrationId] };
  };

  it('the API keeps its own document: no 5xx, and every answer fits its schema', async function () {
    const isLong = process.env['MUSTER_FUZZ_RUNS'] !== undefined;
    // It is installed the first time.
    this.timeout(isLong ? 0 : 10 * MINUTE);
    const sink = await startAlertHook();
    try {
      const { code, output, answered } = await runSchemathesis({
        origin: system.origins.admin,
        apiKey: system.keys.MUSTER_BOOTSTRAP_KEY,
        sinkUrl: sink.url,
        ids: await findIds(),
        seconds: isLong ? 900 : 35,
        maxExamples: isLong ? 1_000 : 10,
      });
      assert.equal(code, 0, output);
      const { paths } = await system.admin.get('/openapi.json');
      const ofOne = Object.keys(paths).filter((path) => path.includes('{integrationId}') && paths[path].get);
      const unanswered = ofOne.filter((path) => !answered.has(`GET ${path}`));
      assert.deepEqual(unanswered, [], 'of these no request was answered well');
    } finally {
      sink.stop();
    }
    await expectAllAlive();
  });
});
