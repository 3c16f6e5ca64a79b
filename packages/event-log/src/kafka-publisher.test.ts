import assert from 'node:assert/strict';
import type { Kafka, ProducerBatch } from 'kafkajs';
import { isFailure } from '@muster/contracts';
import { createLogger } from '@muster/telemetry';
import { FETCH_BYTES } from './kafka-client.js';
import { createKafkaPublisher } from './kafka-publisher.js';
import { createTopicNames } from './kafka-topic-names.js';

const never = (): Promise<never> => new Promise(() => undefined);

/** The first producer is never answered, the next ones always are. */
function createKafka() {
  const sent: ProducerBatch[] = [];
  let producers = 0;
  const producer = () => {
    producers += 1;
    const isFirst = producers === 1;
    return {
      connect: () => Promise.resolve(),
      disconnect: () => (isFirst ? never() : Promise.resolve()),
      sendBatch: (batch: ProducerBatch) => {
        sent.push(batch);
        return isFirst ? never() : Promise.resolve([]);
      },
    };
  };
  return { kafka: { producer } as unknown as Kafka, sent, producers: () => producers };
}

describe('a produce of which nothing is ever heard', () => {
  it('is given up, and what is published next goes by another producer', async () => {
    const { kafka, sent, producers } = createKafka();
    const logger = createLogger({ service: 'test', level: 'silent' });
    const publisher = createKafkaPublisher({ kafka, names: createTopicNames(''), logger, longestMs: 20 });
    await publisher.start();
    const publish = (key: string) => publisher.publish([{ topic: 'notifications', key, value: {} }]);
    await assert.rejects(
      publish('first'),
      (error) => isFailure(error) && error.code === 'log.unavailable' && error.retryable,
    );
    await publish('second');
    assert.equal(producers(), 2);
    assert.deepEqual(
      sent.map(({ topicMessages }) => topicMessages?.[0]?.messages[0]?.key),
      ['first', 'second'],
    );
    await publisher.stop();
  });
});

describe('what is published at once', () => {
  it('leaves in batches that one fetch takes, though all of it is for one partition', async () => {
    const sent: ProducerBatch[] = [];
    const producer = () => ({
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      sendBatch: (batch: ProducerBatch) => Promise.resolve(void sent.push(batch)),
    });
    const logger = createLogger({ service: 'test', level: 'silent' });
    const kafka = { producer } as unknown as Kafka;
    const publisher = createKafkaPublisher({ kafka, names: createTopicNames(''), logger });
    await publisher.start();
    const value = { text: 'x'.repeat(1_300) };
    await publisher.publish(Array.from({ length: 500 }, () => ({ topic: 'changes' as const, key: 'one', value })));
    const sizes = sent.map(({ topicMessages = [] }) =>
      topicMessages.flatMap(({ messages }) => messages).reduce((sum, one) => sum + (one.value?.length ?? 0), 0),
    );
    assert.equal(sent.length, 3);
    assert.ok(Math.max(...sizes) < FETCH_BYTES, String(sizes));
    await publisher.stop();
  });
});
