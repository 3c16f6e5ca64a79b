import assert from 'node:assert/strict';
import type { Kafka, ProducerBatch } from 'kafkajs';
import { isFailure } from '@muster/contracts';
import { createLogger } from '@muster/telemetry';
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
