import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import fc from 'fast-check';
import { lifecycleEvent, notificationEvent } from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createRawHttp, fuzzRuns, fuzzTimeout, headerValue, type RawCall } from '@muster/test-support';
import { createReceiverApp } from '../src/app.js';
import { canaryItem, KEYS, lifecycleItem, sign, userItem } from './notifications.js';

/** Everything that is no bug: a proof, a refusal of ours, or of node's own parser of HTTP. */
const EXPECTED = new Set([200, 202, 400, 404, 405, 413, 415, 431]);
const FORGED = `${sign().slice(0, -8)}AAAAAAAA`;

const json = fc.jsonValue({ maxDepth: 4 });
const good = fc.constantFrom(userItem, lifecycleItem, () => canaryItem(3));
/** A good item of which some fields are anything at all. */
const spoilt = fc
  .tuple(good, fc.dictionary(fc.constantFrom(...Object.keys({ ...userItem(), ...lifecycleItem() })), json))
  .map(([toItem, fields]) => toItem(fields));
const forged = good.map((toItem) => toItem({ clientState: FORGED }));
const items = fc.array(
  fc.oneof(
    json,
    spoilt,
    forged,
    good.map((toItem) => toItem()),
  ),
  { maxLength: 5 },
);
const deep = fc.integer({ min: 100, max: 20_000 }).map((depth) => Buffer.from(`{"value":${'['.repeat(depth)}`));
const whole = items.map((value) => Buffer.from(JSON.stringify({ value })));
const cut = fc.tuple(whole, fc.nat()).map(([text, at]) => text.subarray(0, at % (text.length + 1)));
const body = fc.oneof(
  { weight: 4, arbitrary: whole },
  cut,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  json.map((value) => Buffer.from(JSON.stringify(value))),
  deep,
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
const call: fc.Arbitrary<RawCall> = fc.record({
  method,
  path: fc.tuple(path, query).map((two) => two.join('')),
  headers,
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

  it('no input is answered 5xx or as a page, tells a forged item on, or leaves clientState behind', async function () {
    this.timeout(fuzzTimeout(20_000));
    await fc.assert(
      fc.asyncProperty(call, async (one) => {
        published.length = 0;
        lines.length = 0;
        const { status, type } = await http.send(one);
        assert.ok(EXPECTED.has(status), `answered ${status}`);
        assert.ok(!/html|script/.test(type), type);
        for (const { topic, value } of published)
          (topic === 'lifecycle' ? lifecycleEvent : notificationEvent).parse(value);
        const left = JSON.stringify(published) + lines.join('');
        assert.ok(!left.includes(FORGED) && !left.includes(sign().slice(0, 20)), 'clientState is left behind');
      }),
      fuzzRuns(500),
    );
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
