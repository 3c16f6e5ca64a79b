import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { Failure } from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import { createLogger, createMetrics } from '@muster/telemetry';
import { INTEGRATION, KEYS, lifecycleItem, sign, TENANT, USER, userItem } from '../test/notifications.js';
import { BODY_LIMITS, createReceiverApp } from './app.js';

/** The app with a log that keeps, or that fails with `failure`. */
function setup({ failure }: { failure?: Failure } = {}) {
  const published: OutgoingEvent[] = [];
  const lines: string[] = [];
  const metrics = createMetrics({ service: 'test' });
  const app = createReceiverApp({
    publisher: {
      publish: (events) => {
        if (failure) return Promise.reject(failure);
        published.push(...events);
        return Promise.resolve();
      },
    },
    keys: KEYS,
    now: () => new Date('2026-11-23T10:00:01Z'),
    logger: createLogger({ service: 'test', level: 'debug', destination: { write: (line) => void lines.push(line) } }),
    metrics,
  });
  return { app, published, lines, metrics };
}
const post = (app: ReturnType<typeof setup>['app'], items: readonly unknown[], path = '/graph/notifications') =>
  request(app).post(path).send({ value: items });

describe('the handshake', () => {
  for (const path of ['/graph/notifications', '/graph/lifecycle'])
    it(`answers the token as plain text on ${path}, with an empty text/plain body`, async () => {
      const token = 'Validation: Testing client+application %2B <script>alert(1)</script> é';
      const answer = await request(setup().app)
        .post(`${path}?validationToken=${encodeURIComponent(token)}`)
        .set('Content-Type', 'text/plain; charset=utf-8')
        .expect(200);
      assert.equal(answer.text, token);
      assert.match(answer.get('Content-Type') ?? '', /^text\/plain/);
      assert.equal(answer.get('X-Content-Type-Options'), 'nosniff');
      assert.equal(answer.get('Content-Security-Policy'), "default-src 'none'");
    });

  it('decodes once, a plus being a space as Graph writes it', async () => {
    const answer = await request(setup().app).post('/graph/notifications?validationToken=a+b%2Bc%252Bd');
    assert.equal(answer.text, 'a b+c%2Bd');
  });

  it('refuses an empty token, two tokens and one over 4 KB', async () => {
    for (const query of [
      'validationToken=',
      'validationToken=a&validationToken=b',
      `validationToken=${'x'.repeat(4_097)}`,
    ])
      await request(setup().app).post(`/graph/notifications?${query}`).expect(400);
    await request(setup().app)
      .post(`/graph/lifecycle?validationToken=${'x'.repeat(4_096)}`)
      .expect(200);
  });
});

describe('a delivery', () => {
  it('is counted by integration and what the subscription is for, which a replay makes rise', async () => {
    const { app, metrics } = setup();
    for (let turn = 0; turn < 2; turn += 1) await post(app, [userItem(), userItem(), lifecycleItem()]).expect(202);
    const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('muster_receiver_accepted_by_'));
    const told = lines.map((line) => [/entity="(\w+)"/.exec(line)?.[1], line.includes(INTEGRATION), line.slice(-2)]);
    assert.deepEqual(told, [
      ['user', true, ' 4'],
      ['lifecycle', true, ' 2'],
    ]);
  });

  it('is answered 202 once every good item is published, each to its topic, on either address', async () => {
    for (const path of ['/graph/notifications', '/graph/lifecycle']) {
      const { app, published } = setup();
      await post(app, [userItem(), lifecycleItem()], path).expect(202);
      assert.deepEqual(
        published.map(({ topic }) => topic),
        ['notifications', 'lifecycle'],
      );
      assert.equal(published[0]?.key, `${TENANT}/${USER}`);
      assert.ok(!JSON.stringify(published).includes(sign().slice(0, 20)), 'clientState stays here');
    }
  });

  it('stops proving once 100 items of a body are not proved: what came before is kept, the next body is as good', async () => {
    const { app, published, metrics } = setup();
    const forged = userItem({ clientState: sign(TENANT, INTEGRATION, randomBytes(32)) });
    const many = (count: number): object[] => Array.from({ length: count }, () => forged);
    await post(app, [userItem(), ...many(99), userItem(), forged, ...many(50), userItem()]).expect(202);
    assert.equal(published.length, 2);
    const text = await metrics.text();
    assert.match(text, /dropped_total\{reason="client-state-forged",.*\} 100\n/);
    assert.match(text, /dropped_total\{reason="client-state-unproved",.*\} 51\n/);
    await post(app, [userItem()]).expect(202);
    assert.equal(published.length, 3);
  });

  it('drops and counts forged items, publishes the rest, and is 202 even when none is left', async () => {
    const { app, published, metrics } = setup();
    await post(app, [userItem({ clientState: 'x' }), userItem(), 7]).expect(202);
    await post(app, [userItem({ tenantId: USER })]).expect(202);
    assert.equal(published.length, 1);
    const text = await metrics.text();
    for (const reason of ['client-state-malformed', 'client-state-forged', 'unreadable'])
      assert.match(text, new RegExp(`muster_receiver_dropped_total\\{reason="${reason}",.*\\} 1`));
  });

  it('keeps a sequence number over 2^53 whole', async () => {
    const { app, published } = setup();
    const body = JSON.stringify({ value: [userItem({ resourceData: { id: USER, sequenceNumber: 0 } })] });
    await request(app)
      .post('/graph/notifications')
      .set('Content-Type', 'application/json; charset=utf-8')
      .send(body.replace('"sequenceNumber":0', '"sequenceNumber":636784480202455801'))
      .expect(202);
    assert.equal((published[0]?.value as { sequenceNumber: string }).sequenceNumber, '636784480202455801');
  });

  it('is 503 with Retry-After when the log is away or overloaded', async () => {
    for (const code of ['log.unavailable', 'log.overloaded']) {
      const failure = new Failure(code, 'later', { retryable: true, retryAfterMs: 1_500 });
      const answer = await post(setup({ failure }).app, [userItem()]).expect(503);
      assert.equal(answer.get('Retry-After'), '2');
    }
  });

  it('is 202 although the log is away when nothing in it is worth keeping', async () => {
    const failure = new Failure('log.unavailable', 'later', { retryable: true });
    await post(setup({ failure }).app, [userItem({ clientState: 'x' })]).expect(202);
  });

  it('is 500 when the log fails for good', async () => {
    const failure = new Failure('log.too-large', 'never', { retryable: false });
    await post(setup({ failure }).app, [userItem()]).expect(500);
  });

  it('is 400 when it is not JSON or holds no items', async () => {
    for (const body of ['', '{', '{"value":[]}', '{"values":[1]}'])
      await request(setup().app)
        .post('/graph/notifications')
        .set('Content-Type', 'application/json')
        .send(body)
        .expect(400);
  });

  it('is 413 with more items than true ones could be', async () => {
    const { app, published } = setup();
    const item = userItem();
    await post(app, [item, ...Array.from({ length: 4_000 }, () => ({}))]).expect(413);
    assert.equal(published.length, 0);
    await post(app, [item, ...Array.from({ length: 3_999 }, () => ({}))]).expect(202);
    assert.equal(published.length, 1);
  });

  it('is 413 over 1 MiB, 415 when it is not JSON, 405 when it is no POST, 404 elsewhere', async () => {
    const { app } = setup();
    const around = JSON.stringify({ value: [''] }).length;
    await post(app, ['x'.repeat(1024 * 1024 - around + 1)]).expect(413);
    await post(app, ['x'.repeat(1024 * 1024 - around)]).expect(202);
    assert.equal(BODY_LIMITS.together, 256 * 1024 * 1024);
    await request(app).post('/graph/notifications').set('Content-Type', 'text/plain').send('{}').expect(415);
    const answer = await request(app).get('/graph/notifications?validationToken=x').expect(405);
    assert.equal(answer.get('Allow'), 'POST');
    for (const path of ['/graph/other', '/graph/notifications/x', '/', '/graph'])
      await request(app).post(path).send({}).expect(404);
    await post(app, [userItem()], '/Graph/Notifications/?a=b').expect(202);
  });

  it('reads what comes in pieces or without its length, and nothing that is encoded', async () => {
    const { app, published } = setup();
    const body = Buffer.from(JSON.stringify({ value: [userItem()] }));
    const server = createServer(app).listen(0);
    const { port } = server.address() as AddressInfo;
    const send = (headers: Record<string, string | number>, pieces: readonly Buffer[]): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = { port, method: 'POST', path: '/graph/notifications' };
        const asked = httpRequest(
          { ...options, headers: { 'content-type': 'application/json', ...headers } },
          (answer) => resolve(answer.resume().statusCode),
        ).on('error', reject);
        const sendNext = (at: number): void => {
          const piece = pieces[at];
          if (piece) asked.write(piece, () => sendNext(at + 1));
          else asked.end();
        };
        sendNext(0);
      });
    const halves = [body.subarray(0, 100), body.subarray(100)];
    const zipped = gzipSync(body);
    assert.equal(await send({ 'content-length': body.length }, halves), 202);
    assert.equal(await send({ 'transfer-encoding': 'chunked' }, halves), 202);
    assert.equal(await send({ 'content-length': zipped.length, 'content-encoding': 'gzip' }, [zipped]), 415);
    assert.equal(await send({ 'content-length': body.length, 'content-encoding': 'odd' }, [body]), 415);
    assert.equal(published.length, 2);
    server.close();
  });

  it('leaves one line with ids and counts, and no clientState, name or query', async () => {
    const { app, lines } = setup();
    const path = '/graph/notifications?sig=asked-for';
    await post(app, [userItem(), userItem({ clientState: 'guess' })], path).expect(202);
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const line = told.find(({ msg }) => msg === 'request answered');
    assert.deepEqual(
      [line?.status, line?.items, line?.accepted, line?.dropped],
      [202, 2, 1, ['client-state-malformed']],
    );
    assert.equal(line?.path, '/graph/notifications');
    assert.ok(!/guess|asked-for/.test(lines.join('')));
  });
});
