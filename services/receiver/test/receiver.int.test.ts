import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { decodeEvent, createKafkaEventLog, type EventLog, type IncomingEvent } from '@muster/event-log';
import { isFailure, lifecycleEvent, notificationEvent, type NotificationEvent } from '@muster/contracts';
import { systemNow } from '@muster/runtime';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createResources, eventually, patiently, readAll, testServers } from '@muster/test-support';
import { createReceiverApp } from '../src/app.js';
import { canaryItem, KEYS, lifecycleItem, SUBSCRIPTION, userItem } from './notifications.js';

describe('the receiver with Kafka', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('receiver', mongodbUri);
  const logger = createLogger({ service: 'test', level: 'fatal' });
  const connect = (broker: string): EventLog => {
    const log = createKafkaEventLog({ brokers: [broker], clientId: 'test', topicPrefix: resources.prefix, logger });
    resources.onRemove(() => log.close());
    return log;
  };
  const log = connect(kafkaBrokers);
  const publisher = log.publisher();
  const toApp = (to = publisher) =>
    createReceiverApp({
      publisher: to,
      keys: KEYS,
      now: systemNow,
      logger,
      metrics: createMetrics({ service: 'test' }),
    });
  const app = toApp();
  const decode = (event: IncomingEvent): NotificationEvent => {
    const decoded = decodeEvent(notificationEvent, event.value);
    assert.ok(!isFailure(decoded));
    return decoded;
  };

  before(async () => {
    await patiently(log.ensureTopics);
    await publisher.start();
    resources.onRemove(() => publisher.stop());
  });
  after(() => resources.remove());

  it('has each accepted item of 60 deliveries at once in the topic when it answers 202', async () => {
    const answered: Record<202 | 503, string[]> = { 202: [], 503: [] };
    const deliver = async (): Promise<boolean> => {
      const subscriptionId = randomUUID();
      const value = [userItem({ subscriptionId }), userItem({ clientState: 'forged' })];
      const { status } = await request(app).post('/graph/notifications').send({ value });
      assert.ok(status === 202 || status === 503, String(status));
      answered[status].push(subscriptionId);
      return status === 202;
    };
    const deliverAtOnce = async () => (await Promise.all(Array.from({ length: 60 }, deliver))).every(Boolean);
    // A broker that stands still for a while costs a round.
    for (let round = 1; !(await deliverAtOnce()); round += 1) {
      assert.ok(round < 3, `${answered[503].length} were answered 503`);
      await eventually(deliver, { within: 60_000, every: 1_000, what: 'Kafka takes one again' });
    }
    const kept = await readAll(log, 'notifications');
    // What was answered 503 for want of an acknowledgement may have come all the same.
    const sure = kept.map((event) => decode(event).subscriptionId).filter((id) => !answered[503].includes(id));
    assert.deepEqual(sure.sort(), answered[202].sort());
    assert.equal(new Set(kept.map(({ partition }) => partition)).size, 1, 'one person, one partition');
  }).timeout(180_000);

  it('brings each canary to its own partition', async () => {
    const partitions = Array.from({ length: 12 }, (_, index) => index);
    await request(app)
      .post('/graph/notifications')
      .send({ value: partitions.map((partition) => canaryItem(partition)) })
      .expect(202);
    const events = (await readAll(log, 'notifications')).map((event) => ({ ...event, read: decode(event) }));
    const canaries = events.filter(({ read }) => read.entity === 'canary');
    assert.equal(canaries.length, 12);
    for (const { partition, read } of canaries) assert.equal(read.entityId, String(partition));
  });

  it('puts lifecycle items under their subscription', async () => {
    await request(app)
      .post('/graph/lifecycle')
      .send({ value: [lifecycleItem()] })
      .expect(202);
    const [event] = await log.readNewest('lifecycle', 1);
    assert.equal(event?.key, SUBSCRIPTION);
    assert.ok(!isFailure(decodeEvent(lifecycleEvent, event.value)));
  });

  it('answers 503 within 2.5 s while no broker is there, and the handshake all the same', async () => {
    const cut = connect('127.0.0.1:1').publisher();
    resources.onRemove(() => cut.stop());
    void cut.start();
    await expectUnavailable(cut);
    await request(toApp(cut)).post('/graph/notifications?validationToken=here').expect(200, 'here');
  });

  it('answers 503 within 2.5 s while the broker takes connections and does not speak', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await eventually(() => silent.listening);
    const cut = connect(`127.0.0.1:${(silent.address() as AddressInfo).port}`).publisher();
    resources.onRemove(async () => {
      await cut.stop();
      silent.close();
    });
    void cut.start();
    await expectUnavailable(cut);
  });

  it('answers 503 to a burst beyond what may wait, and keeps what it answered 202', async () => {
    const small = log.publisher({ maxWaitingBytes: 2_000 });
    await small.start();
    resources.onRemove(() => small.stop());
    const overloaded = new Set<string>();
    const burst = toApp({
      ...small,
      publish: async (events, options) => {
        const note = (error: unknown): never => {
          const { subscriptionId } = events[0]?.value as NotificationEvent;
          if (isFailure(error) && error.code === 'log.overloaded') overloaded.add(subscriptionId);
          throw error;
        };
        await small.publish(events, options).catch(note);
      },
    });
    const tags = Array.from({ length: 40 }, () => randomUUID());
    const answers = await Promise.all(
      tags.map(async (subscriptionId) => {
        const items = [1, 2, 3, 4].map(() => userItem({ subscriptionId }));
        const { status } = await request(burst).post('/graph/notifications').send({ value: items });
        return { subscriptionId, status };
      }),
    );
    const kept = new Set((await readAll(log, 'notifications')).map((event) => decode(event).subscriptionId));
    assert.ok(answers.every(({ status }) => status === 202 || status === 503));
    assert.ok(overloaded.size > 0);
    for (const { subscriptionId, status } of answers) {
      if (overloaded.has(subscriptionId)) assert.equal(status, 503);
      // What was not acknowledged in time may come all the same.
      if (status === 202 || overloaded.has(subscriptionId)) assert.equal(kept.has(subscriptionId), status === 202);
    }
  }).timeout(120_000);

  /** Once more, three times at most, where it was late and a timer of two seconds was, too: the machine stood still. */
  const expectUnavailable = async (cut: typeof publisher): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      const begun = performance.now();
      const timer = sleep(2_000).then(() => performance.now() - begun - 2_000);
      const answer = await request(toApp(cut))
        .post('/graph/notifications')
        .send({ value: [userItem()] });
      const ms = performance.now() - begun;
      assert.equal(answer.status, 503);
      assert.ok(answer.get('Retry-After'));
      if (ms < 2_500) return;
      const timerLateMs = await timer;
      assert.ok(timerLateMs > 400 && tries < 3, `${ms} ms, a timer was ${timerLateMs} ms late`);
    }
  };
});
