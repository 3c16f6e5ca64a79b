import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFailure } from '@muster/contracts';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createResources, testServers } from '@muster/test-support';
import { createKafkaEventLog } from '../src/index.js';
import { numberOf, openEventLog } from './open-event-log.js';

describe('a publisher on Kafka', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('publisher', mongodbUri);
  const { log, publisher, connect, start, publish, total } = openEventLog(resources, kafkaBrokers);
  before(start);
  after(() => resources.remove());

  it('creates the topics with their figures, and a second time does nothing', async () => {
    await log.ensureTopics();
    const partitions = await log.lag(randomUUID(), ['notifications', 'lifecycle']);
    assert.equal(partitions.filter(({ topic }) => topic === 'notifications').length, 12);
    assert.equal(partitions.filter(({ topic }) => topic === 'lifecycle').length, 1);
  });

  it('puts an event on the partition that it names', async () => {
    const before = await log.lag('nobody', ['observations']);
    await publisher.publish(
      before.map(({ partition }) => ({ topic: 'observations', key: 'end-mark', value: {}, partition })),
    );
    const after = await log.lag('nobody', ['observations']);
    assert.deepEqual(
      after.map(({ endOffset }) => Number(endOffset)),
      before.map(({ endOffset }) => Number(endOffset) + 1),
    );
  });

  it('reads the newest events, newest first, and leaves no group behind', async () => {
    await publish('deadLetters', ['a', 'b', 'c', 'd']);
    const newest = await log.readNewest('deadLetters', 3);
    assert.deepEqual(newest.map(numberOf).length, 3);
    assert.deepEqual(
      newest.map(({ offset }) => Number(offset)),
      [3, 2, 1],
    );
    assert.deepEqual(await log.readNewest('changes', 3), []);
  });

  it('acknowledges what was published before stop, and refuses afterwards', async () => {
    const short = log.publisher();
    await short.start();
    assert.equal(short.state().status, 'running');
    const count = await total('changes');
    const publishing = Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        short.publish([{ topic: 'changes', key: String(number), value: { number } }]),
      ),
    );
    await short.stop();
    await publishing;
    assert.equal(await total('changes'), count + 200);
    await assert.rejects(short.publish([{ topic: 'changes', key: 'x', value: {} }]), /stopped/);
  });

  it('tells the bytes that wait, and none when all is acknowledged', async () => {
    const metrics = createMetrics({ service: 'test' });
    const told = createKafkaEventLog({
      brokers: [kafkaBrokers],
      clientId: 'test',
      topicPrefix: resources.prefix,
      logger: createLogger({ service: 'test', level: 'fatal' }),
      metrics,
    });
    resources.onRemove(() => told.close());
    const own = told.publisher();
    const waiting = async (): Promise<number> =>
      Number(/^muster_publish_waiting_bytes\{.*\} (\d+)$/m.exec(await metrics.text())?.[1]);
    await own.start();
    const publishing = own.publish([{ topic: 'changes', key: 'x', value: {} }]);
    assert.ok((await waiting()) > 0);
    await publishing;
    assert.equal(await waiting(), 0);
    await own.stop();
  });

  it('refuses what is over the limit of waiting bytes, and an event that no broker takes', async () => {
    const small = log.publisher({ maxWaitingBytes: 500 });
    await small.start();
    resources.onRemove(() => small.stop());
    const event = { topic: 'changes' as const, key: 'k', value: { text: 'x'.repeat(300) } };
    const [, second] = await Promise.allSettled([small.publish([event]), small.publish([event])]);
    assert.equal(second.status, 'rejected');
    assert.ok(isFailure(second.reason) && second.reason.code === 'log.overloaded' && second.reason.retryable);
    await assert.rejects(
      publisher.publish([{ ...event, value: { text: 'x'.repeat(1_100_000) } }]),
      (error) => isFailure(error) && error.code === 'log.too-large' && !error.retryable,
    );
  });

  it('sends more than a broker takes at once in several produces', async () => {
    const count = await total('changes');
    const value = { text: 'x'.repeat(100_000) };
    await publisher.publish(Array.from({ length: 40 }, () => ({ topic: 'changes', key: 'same', value })));
    assert.equal(await total('changes'), count + 40);
  });

  it('rejects inside the deadline while no broker can be reached', async () => {
    const cut = connect(['127.0.0.1:1']).publisher();
    const starting = cut.start();
    const begun = performance.now();
    await assert.rejects(
      cut.publish([{ topic: 'changes', key: 'k', value: {} }], { deadlineMs: 300 }),
      (error) => isFailure(error) && error.code === 'log.unavailable' && error.retryable,
    );
    assert.ok(performance.now() - begun < 1_000);
    assert.equal(cut.state().status, 'starting');
    await cut.stop();
    await starting;
  });
});
