import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import fc from 'fast-check';
import { lifecycleEvent, notificationEvent, type NotificationEvent } from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import { createLogger, createMetrics } from '@muster/telemetry';
import { assertTenth, createRawHttp, fuzzRuns, fuzzTimeout, headerValue, type RawCall } from '@muster/test-support';
import { createReceiverApp } from '../src/app.js';
import { canaryItem, GROUP, INTEGRATION, KEYS, lifecycleItem, sign, TENANT, userItem } from './notifications.js';

/** Everything that is no bug: a proof, a refusal of ours, or of node's own parser of HTTP. */
const EXPECTED = new Set([200, 202, 400, 404, 405, 413, 415, 431]);
/** Changed; by a key of nobody's; of another tenant. */
const UNPROVED = [`${sign().slice(0, -8)}AAAAAAAA`, sign(TENANT, INTEGRATION, randomBytes(32)), sign(GROUP)];
/** The person and the subscription of forged items, and of no others. */
const STRANGER = '0f0f0f0f-0000-4000-8000-00000000000f';
const GOOD = '0a1b0a1b-0000-4000-8000-';

const json = fc.jsonValue({ maxDepth: 4 });
const make = fc.constantFrom(userItem, lifecycleItem, (fields?: object) => canaryItem(3, fields));
/** A good item of which some fields are anything at all. */
const spoilt = fc
  .tuple(make, fc.dictionary(fc.constantFrom(...Object.keys({ ...userItem(), ...lifecycleItem() })), json))
  .map(([toItem, fields]) => toItem(fields));
const wrong = fc.oneof(
  fc.constantFrom(...UNPROVED).map((clientState) => ({ clientState })),
  fc.constant({ tenantId: GROUP }),
);
const forged = fc
  .tuple(make, wrong)
  .map(([toItem, fields]) => toItem({ subscriptionId: STRANGER, resourceData: { id: STRANGER }, ...fields }));
/** Each under a subscription of its own: by that it is known again. */
const good = fc
  .tuple(make, fc.nat({ max: 999_999_999 }))
  .map(([toItem, nth]) => toItem({ subscriptionId: GOOD + String(nth).padStart(12, '0') }));

/** `told`: the subscriptions of its good items. */
type Body = { bytes: Buffer; told: readonly string[] };
const nothing = (bytes: Buffer): Body => ({ bytes, told: [] });
const items = fc.array(
  fc.oneof(
    fc.oneof(json, spoilt, forged).map((item) => ({ item, told: [] })),
    good.map((item) => ({ item, told: [String(item['subscriptionId'])] })),
  ),
  { maxLength: 5 },
);
const whole: fc.Arbitrary<Body> = items.map((some) => ({
  bytes: Buffer.from(JSON.stringify({ value: some.map(({ item }) => item) })),
  told: some.flatMap(({ told }) => told),
}));
const cut = fc.tuple(whole, fc.nat()).map(([{ bytes }, at]) => nothing(bytes.subarray(0, at % bytes.length)));
const body = fc.oneof(
  { weight: 4, arbitrary: whole },
  cut,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => nothing(Buffer.from(bytes))),
  json.map((value) => nothing(Buffer.from(JSON.stringify(value)))),
  fc.integer({ min: 100, max: 20_000 }).map((depth) => nothing(Buffer.from(`{"value":${'['.repeat(depth)}`))),
);
const text = fc.string({ unit: 'binary', maxLength: 60 });
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  text.map((token) => `?validationToken=${encodeURIComponent(token)}`),
  // Around the most that is echoed.
  fc.integer({ min: 4_000, max: 4_200 }).map((size) => `?validationToken=${'a'.repeat(size)}`),
  fc.constantFrom('?validationToken', '?validationToken=%ff', '?validationToken=a&validationToken=b', '?%', '?x=1&&='),
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((raw) => `?${encodeURI(raw)}`),
);
const path = fc.constantFrom(
  '/graph/notifications',
  '/graph/lifecycle',
  '/graph/notifications/',
  '/graph',
  '/%2e%2e/',
  '/',
);
const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 4, arbitrary: fc.constant('application/json') },
      fc.constantFrom('application/json; charset=utf-16', 'text/plain', 'application/jsonp', 'multipart/form-data'),
      headerValue,
    ),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'br', 'none'),
    authorization: headerValue,
    'x-forwarded-for': headerValue,
    cookie: headerValue,
  },
  { requiredKeys: ['content-type'] },
);
const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS'),
);
type Head = Omit<RawCall, 'body'>;
const anyHead: fc.Arbitrary<Head> = fc.record({
  method,
  path: fc.tuple(path, query).map((two) => two.join('')),
  headers,
});
/** As Graph sends it: what comes under it is read. */
const plainHead: fc.Arbitrary<Head> = fc.constantFrom('/graph/notifications', '/graph/lifecycle').map((address) => ({
  ...{ method: 'POST', path: address, headers: { 'content-type': 'application/json' } },
}));
const call = fc.record({
  head: fc.oneof(
    plainHead.map((head) => ({ ...head, isPlain: true })),
    anyHead.map((head) => ({ ...head, isPlain: false })),
  ),
  body,
});

describe('the addresses that Graph posts to, whatever is sent there', () => {
  const published: OutgoingEvent[] = [];
  const lines: string[] = [];
  let server: Server;
  let http: ReturnType<typeof createRawHttp>;

  before(async () => {
    const app = createReceiverApp({
      publisher: { publish: (events) => Promise.resolve(void published.push(...events)) },
      keys: KEYS,
      now: () => new Date('2026-11-23T10:00:01Z'),
      logger: createLogger({
        service: 'test',
        level: 'debug',
        destination: { write: (line) => void lines.push(line) },
      }),
      metrics: createMetrics({ service: 'test' }),
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    http = createRawHttp(server);
  });
  after(() => {
    http.close();
    server.close();
  });

  it('no input is answered 5xx or as a page, loses a good item, tells a forged one on, or leaves clientState behind', async function () {
    this.timeout(fuzzTimeout(20_000));
    let taken = 0;
    const { numRuns, ...runs } = fuzzRuns(500);
    await fc.assert(
      fc.asyncProperty(call, async ({ head: { isPlain, ...head }, body: { bytes, told } }) => {
        published.length = 0;
        lines.length = 0;
        const { status, type } = await http.send({ ...head, body: bytes });
        assert.ok(EXPECTED.has(status), `answered ${status}`);
        assert.ok(!/html|script/.test(type), type);
        for (const { topic, value } of published)
          (topic === 'lifecycle' ? lifecycleEvent : notificationEvent).parse(value);
        const left = JSON.stringify(published) + lines.join('');
        for (const clientState of [sign().slice(0, 20), ...UNPROVED])
          assert.ok(!left.includes(clientState), 'clientState is left behind');
        assert.ok(!JSON.stringify(published).includes(STRANGER), 'a forged item is told on');
        const ids = published.map(({ value }) => (value as NotificationEvent).subscriptionId);
        const ofGood = ids.filter((id) => id.startsWith(GOOD));
        // Under another head all of it is told on, or nothing.
        if (isPlain || ofGood.length > 0) assert.deepEqual(ofGood, told);
        if (told.length > 0 && ofGood.length > 0) taken += 1;
      }),
      { numRuns, ...runs },
    );
    assertTenth(taken, numRuns, 'told of good items');
  });

  it('the answer to a handshake is its token as plain text, whatever the token', async function () {
    this.timeout(fuzzTimeout(20_000));
    const token = fc.oneof(text, fc.constantFrom('<script>alert(1)</script>', '\u0000', '\r\nSet-Cookie: a=b'));
    await fc.assert(
      fc.asyncProperty(
        token.filter((one) => one !== ''),
        async (one) => {
          const path = `/graph/notifications?validationToken=${encodeURIComponent(one)}`;
          const { status, type, text: answer } = await http.send({ method: 'POST', path, headers: {}, body: null });
          assert.deepEqual([status, answer], [200, one]);
          assert.match(type, /^text\/plain/);
        },
      ),
      fuzzRuns(200),
    );
  });
});
