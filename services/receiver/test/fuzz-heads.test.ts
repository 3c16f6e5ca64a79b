import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import type { OutgoingEvent } from '@muster/event-log';
import { createLogger, createMetrics } from '@muster/telemetry';
import { fuzzRuns, fuzzTimeout } from '@muster/test-support';
import { createReceiverApp } from '../src/app.js';
import { KEYS, userItem } from './notifications.js';

const BODY = JSON.stringify({ value: [userItem()] });
/** Of ours, or of node's own parser of HTTP; none where it hangs up. */
const EXPECTED = new Set([null, 200, 202, 400, 404, 405, 408, 411, 413, 415, 417, 431]);

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
const head = fc.record({
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
});

describe('heads of requests, byte by byte', () => {
  const published: OutgoingEvent[] = [];
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
    server = createServer(app).listen(0, '127.0.0.1');
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
  const statusOf = (answer: string): number | null => {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
    return status === undefined ? null : Number(status);
  };
  const good = `POST /graph/notifications HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`;

  it('are refused or read, never answered 5xx, and what comes next is answered', async function () {
    this.timeout(fuzzTimeout(30_000));
    await fc.assert(
      fc.asyncProperty(head, async ({ line, headers, ending }) => {
        const lines = [line, ...headers.map(([name, value]) => `${name}: ${value}`), '', BODY];
        const answer = await send(lines.join(ending));
        assert.ok(EXPECTED.has(statusOf(answer)) || statusOf(answer) === 100, answer.slice(0, 200));
        published.length = 0;
        assert.equal(statusOf(await send(good)), 202);
        assert.equal(published.length, 1);
      }),
      fuzzRuns(150),
    );
  });
});
