import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Kafka } from 'kafkajs';
import { createLogger } from '@muster/telemetry';
import { createKafkaConsumer } from './kafka-consumer.js';
import { createTopicNames } from './kafka-topic-names.js';

/** What kafkajs says and is asked around a crash; no broker behaves so on demand. */
function createStubbornKafka(crashes: readonly { name: string; restart: boolean }[]) {
  const events = { GROUP_JOIN: 'join', HEARTBEAT: 'heartbeat', CRASH: 'crash' };
  const emitter = new EventEmitter();
  const nothing = (): Promise<void> => Promise.resolve();
  const left = [...crashes];
  let runs = 0;
  let joined: () => void = () => undefined;
  const inGroup = new Promise<void>((resolve) => (joined = resolve));
  const consumer = {
    events,
    on: (name: string, listener: (event: unknown) => void) => emitter.on(name, listener),
    connect: nothing,
    subscribe: nothing,
    stop: nothing,
    disconnect: nothing,
    run: () => {
      runs += 1;
      const crash = left.shift();
      if (crash) {
        const error = Object.assign(new Error('Failed to find group coordinator'), { name: crash.name });
        emitter.emit(events.CRASH, { payload: { error, restart: crash.restart } });
      } else {
        emitter.emit(events.GROUP_JOIN, { payload: { memberAssignment: {} } });
        joined();
      }
      return Promise.resolve();
    },
  };
  return { kafka: { consumer: () => consumer } as unknown as Kafka, inGroup, runs: () => runs };
}

describe('a consumer whose client gives up', () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const create = (kafka: Kafka, onCrash: (error: Error) => void) =>
    createKafkaConsumer({
      kafka,
      names: createTopicNames(''),
      logger,
      sessionTimeoutMs: 10_000,
      options: { groupId: 'group', topics: ['notifications'], handle: () => Promise.resolve(), onCrash },
    });

  it('joins again when a fresh broker had no coordinator yet', async () => {
    const crashes: Error[] = [];
    const coordinator = { name: 'KafkaJSGroupCoordinatorNotFound', restart: false };
    const { kafka, inGroup, runs } = createStubbornKafka([coordinator, coordinator]);
    const consumer = create(kafka, (error) => crashes.push(error));
    await consumer.start();
    await inGroup;
    assert.deepEqual(crashes, []);
    assert.equal(runs(), 3);
    assert.deepEqual(consumer.state(), { status: 'running' });
    await consumer.stop();
  });

  it('ends the service when there is no hope', async () => {
    const crashes: Error[] = [];
    const { kafka, runs } = createStubbornKafka([{ name: 'KafkaJSSASLAuthenticationError', restart: false }]);
    const consumer = create(kafka, (error) => crashes.push(error));
    await consumer.start();
    assert.equal(crashes.length, 1);
    assert.equal(runs(), 1);
    assert.equal(consumer.state().status, 'failed');
    await consumer.stop();
  });
});
