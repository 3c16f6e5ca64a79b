import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import type { OutgoingEvent } from '@muster/event-log';
import { createLogger, createMetrics } from '@muster/telemetry';
import { fuzzRuns, fuzzTimeout, headerValue } from '@muster/test-support';
import { createReceiverApp } from '../src/app.js';
import { KEYS, userItem } from './notifications.js';

const BODY = JSON.stringify({ value: [userItem()] });
/** Of ours, or of node's own parser of HTTP; none where it hangs up. */
const EXPECTED = new Set([null, 200, 202, 400, 404, 405, 408, 411, 413, 415, 417, 431]);

const toLine = (field: readonly string[]): string => field.join(': ');
const anything = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\n'));
const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,30}$/);
const length = fc.constantFrom(
  String(BODY.length),
  '0',
  '1',
  '-1',
  '99999999999999999999',
  '1e3',
  ' 5',
  '5, 6',
  '0x10',
  '',
);
const known = fc.oneof(
  fc.tuple(fc.constant('Content-Length'), length),
  fc.tuple(
    fc.constant('Transfer-Encoding'),
    fc.constantFrom('chunked', 'identity', 'chunked, chunked', 'gzip', 'xchunked', ''),
  ),
  fc.tuple(fc.constant('Expect'), fc.constantFrom('100-continue', '200-ok', '')),
  fc.tuple(fc.constant('Connection'), fc.constantFrom('keep-alive', 'close', 'upgrade', 'Content-Length')),
  fc.tuple(fc.constant('Upgrade'), fc.constantFrom('h2c', 'websocket')),
  fc.tuple(fc.constant('Host'), anything),
  fc.tuple(fc.constant('Content-Type'), fc.oneof(fc.constant('application/json'), anything)),
  fc.tuple(
    fc.constantFrom('Content-Encoding', 'Forwarded', 'X-HTTP-Method-Override', 'Sec-Fetch-Site', 'Accept'),
    anything,
  ),
);
const header = fc.oneof(
  { weight: 5, arbitrary: known },
  fc.tuple(token, anything),
  fc.tuple(anything, anything),
  fc.tuple(
    token,
    fc.integer({ min: 1_000, max: 20_000 }).map((size) => 'a'.repeat(size)),
  ),
);
const wild = fc
  .record({
    line: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('POST /graph/notifications HTTP/1.1', 'POST /graph/lifecycle HTTP/1.1') },
      fc.constantFrom('POST http://elsewhere/graph/notifications HTTP/1.1', 'POST * HTTP/1.0', 'PRI * HTTP/2.0', ''),
      anything,
    ),
    // Doubled ones among them, and up to more than node takes.
    headers: fc.oneof(
      { weight: 9, arbitrary: fc.array(header, { maxLength: 12 }) },
      fc.array(header, { minLength: 2_100, maxLength: 2_200 }),
    ),
    ending: fc.constantFrom('\r\n', '\n', '\r'),
  })
  .map(({ line, headers, ending }) => ({
    bytes: [line, ...headers.map(toLine), '', BODY].join(ending),
    isFramed: false,
  }));

const LINE = 'POST /graph/notifications HTTP/1.1';
const FRAME = ['Host: a', `Content-Length: ${BODY.length}`];
const FIELDS = ['Content-Type: application/json', 'Connection: close'];
const toRequest = (line: string, fields: readonly string[]): string =>
  [line, ...FRAME, ...fields, '', BODY].join('\r\n');
const oddField = fc
  .oneof(
    { weight: 2, arbitrary: fc.tuple(token, headerValue) },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constant('Content-Type'),
        fc.oneof(fc.constant('application/json; charset=x'), { weight: 3, arbitrary: headerValue }),
      ),
    },
    fc.tuple(fc.constant('Content-Encoding'), fc.oneof(fc.constantFrom('identity', 'gzip'), headerValue)),
    fc.tuple(fc.constantFrom('Forwarded', 'X-HTTP-Method-Override', 'Sec-Fetch-Site', 'Accept'), headerValue),
    known.filter(([name]) => name !== 'Host' && name !== 'Content-Length'),
  )
  .map(toLine);
const change = fc.record({
  how: fc.constantFrom('added', 'added', 'replaced', 'doubled', 'gone'),
  at: fc.nat({ max: 5 }),
  field: oddField,
});
/** A good one, of which one to three lines are others: what node lets through is ours to judge. */
const near = fc
  .record({
    line: fc.oneof(
      { weight: 6, arbitrary: fc.constant(LINE) },
      fc.constantFrom('PUT /graph/notifications HTTP/1.1', 'POST /graph/ HTTP/1.1', 'POST /GRAPH/lifecycle/ HTTP/1.1'),
    ),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  })
  .map(({ line, changes }) => {
    const fields = changes.reduce((some, { how, at, field }) => {
      const index = at % (some.length + 1);
      const put = how === 'gone' ? [] : how === 'doubled' ? some.slice(index, index + 1) : [field];
      return some.toSpliced(index, how === 'gone' || how === 'replaced' ? 1 : 0, ...put);
    }, FIELDS);
    return { bytes: toRequest(line, fields), isFramed: !fields.some((field) => /^transfer-encoding/i.test(field)) };
  });

/** Of what node read: whether Graph may have sent it. */
const isMeant = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  /^\/graph\/(notifications|lifecycle)\/?$/i.test(url) &&
  /^application\/json(;|$)/i.test(headers['content-type'] ?? '') &&
  /^identity$/i.test(headers['content-encoding'] ?? 'identity');

describe('heads of requests, byte by byte', () => {
  const published: OutgoingEvent[] = [];
  /** What node let through to the listener. */
  const heard: IncomingMessage[] = [];
  let server: Server;
  let port: number;
  before(async () => {
    const app = createReceiverApp({
      publisher: { publish: (events) => Promise.resolve(void published.push(...events)) },
      keys: KEYS,
      now: () => new Date('2026-11-23T10:00:01Z'),
      logger: createLogger({ service: 'test', level: 'silent' }),
      metrics: createMetrics({ service: 'test' }),
    });
    server = createServer((request, response) => {
      heard.push(request);
      app(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  after(() => server.close());

  /** Whatever came back until both sides hung up. */
  const send = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => (answer += text));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer));
    });
  /** The last one: 100 comes before what is meant. */
  const statusOf = (answer: string): number | null => {
    const status = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].at(-1)?.[1];
    return status === undefined ? null : Number(status);
  };

  it('are refused or read, never answered 5xx, and what comes next is answered', async function () {
    this.timeout(fuzzTimeout(30_000));
    const counts = { reached: 0, taken: 0, refused: 0 };
    const { numRuns, ...runs } = fuzzRuns(150);
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, wild), async ({ bytes, isFramed }) => {
        published.length = 0;
        heard.length = 0;
        const answer = await send(bytes);
        const status = statusOf(answer);
        assert.ok(EXPECTED.has(status) || status === 100, answer.slice(0, 200));
        // Taken is what was told on, and nothing else is.
        assert.equal(published.length, status === 202 ? 1 : 0);
        const [first] = heard;
        if (isFramed && first && status !== null) assert.equal(status === 202, isMeant(first), answer.slice(0, 200));
        if (first) {
          counts.reached += 1;
          if (status === 202) counts.taken += 1;
          else if (status !== null && status >= 400) counts.refused += 1;
        }
        published.length = 0;
        assert.equal(statusOf(await send(toRequest(LINE, FIELDS))), 202);
        assert.equal(published.length, 1);
      }),
      { numRuns, ...runs },
    );
    const { reached, taken, refused } = counts;
    assert.ok(reached >= numRuns / 5, `${reached} of ${numRuns} reached the listener: the rest shows little`);
    assert.ok(taken >= numRuns / 10 && refused >= numRuns / 20, `${taken} were taken, ${refused} refused`);
  });
});
