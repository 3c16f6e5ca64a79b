import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changeNotification, TOPICS, verifyClientState, ZERO_ID } from '@muster/contracts';
import { createLogger, createMetrics, type Metrics } from '@muster/telemetry';
import { createCanary } from './send-canary.js';

const NOW = new Date('2026-11-23T12:00:00Z');
const keys = [randomBytes(32), randomBytes(32)];
const never = new AbortController().signal;

describe('the canary', () => {
  const posts: { url: string | undefined; method: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      posts.push({ url: request.url, method: request.method, body });
      response.writeHead(status).end();
    });
  });
  let status = 202;
  let receiverUrl: string;
  let metrics: Metrics;
  let logged: string[];

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    receiverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    posts.length = 0;
    logged = [];
    status = 202;
    metrics = createMetrics({ service: 'subscription' });
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const canary = (fields: { free?: boolean; to?: string } = {}) => {
    const asked: [string, string, number][] = [];
    const leases = {
      acquire: (...args: [string, string, number]) => {
        asked.push(args);
        return Promise.resolve(fields.free ?? true);
      },
      release: () => Promise.resolve(),
    };
    const destination = { write: (line: string) => void logged.push(line) };
    const logger = createLogger({ service: 'subscription', level: 'trace', destination });
    const shared = { leases, holder: 'me', clientStateKeys: keys, everyMs: 60_000, now: () => NOW, logger, metrics };
    return { asked, fly: createCanary({ ...shared, receiverUrl: fields.to ?? receiverUrl }) };
  };

  it('posts one item for each partition, each proved by its clientState, by the road of Graph', async () => {
    await canary().fly(never);
    const [post, ...more] = posts;
    assert.deepEqual([post?.method, post?.url, more], ['POST', '/graph/notifications', []]);
    const { value } = JSON.parse(post?.body ?? '') as { value: unknown[] };
    const items = value.map((item) => changeNotification.parse(item));
    assert.deepEqual(
      items.map(({ resource }) => resource),
      Array.from({ length: TOPICS.notifications.partitions }, (_, partition) => `Canary/${partition}`),
    );
    for (const { clientState, tenantId, eventTime } of items) {
      assert.deepEqual(verifyClientState(clientState, tenantId, keys), {
        proved: true,
        integrationId: ZERO_ID,
        keyIndex: 0,
      });
      assert.deepEqual([tenantId, eventTime], [ZERO_ID, NOW.toISOString()]);
    }
    assert.match(await metrics.text(), /muster_canary_flights_total\{[^}]*outcome="202"[^}]*\} 1/);
  });

  it('stays on the ground while another copy has the lease, which ends before the next flight', async () => {
    const { asked, fly } = canary({ free: false });
    await fly(never);
    assert.deepEqual([posts, asked], [[], [['canary', 'me', 54_000]]]);
  });

  it('says when it was not taken', async () => {
    status = 503;
    await canary().fly(never);
    assert.match(logged.join(''), /"status":503.*canary was not taken/);
    assert.match(await metrics.text(), /outcome="503"[^}]*\} 1/);
  });

  it('says when nobody answers, without its clientState', async () => {
    await canary({ to: 'http://127.0.0.1:1' }).fly(never);
    assert.match(logged.join(''), /canary could not be sent/);
    assert.doesNotMatch(logged.join(''), /v1\.0{8}/);
    assert.match(await metrics.text(), /outcome="failed"[^}]*\} 1/);
  });

  it('ends without a word when the service stops', async () => {
    await canary().fly(AbortSignal.abort());
    assert.deepEqual([posts, logged], [[], []]);
  });
});
