import { randomUUID } from 'node:crypto';
import type { Admin, Kafka, KafkaMessage } from 'kafkajs';
import { patiently } from '@muster/test-support';

type Clients = { kafka: Kafka; admin: Admin };
type Take = (message: KafkaMessage) => void;

/**
 * Each message of a topic, from its first to its end as it is now. Where a stalled broker ends the reading it begins anew,
 * for two minutes: `take` gets what was read then once more.
 */
export const readTopic = (clients: Clients, topic: string, take: Take): Promise<void> =>
  patiently(() => readOnce(clients, topic, take), { within: 120_000, every: 1_000, mayPass: () => true });

async function readOnce({ kafka, admin }: Clients, topic: string, take: Take): Promise<void> {
  const ends = await admin.fetchTopicOffsets(topic);
  const left = new Map(ends.filter(({ high }) => high !== '0').map(({ partition, high }) => [partition, BigInt(high)]));
  if (left.size === 0) return;
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}` });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((done, failed) => {
      // It says by this alone that it has given up.
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) failed(payload.error);
      });
      const eachMessage = ({ partition, message }: { partition: number; message: KafkaMessage }): Promise<void> => {
        take(message);
        if (BigInt(message.offset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
        if (left.size === 0) done();
        return Promise.resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(failed);
    });
  } finally {
    await consumer.disconnect();
  }
}
