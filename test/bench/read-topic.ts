import { randomUUID } from 'node:crypto';
import type { Admin, Kafka, KafkaMessage } from 'kafkajs';

/** Each message of a topic, from its first to its end as it is now. */
export async function readTopic(
  { kafka, admin }: { kafka: Kafka; admin: Admin },
  topic: string,
  take: (message: KafkaMessage) => void,
): Promise<void> {
  const ends = await admin.fetchTopicOffsets(topic);
  const left = new Map(ends.filter(({ high }) => high !== '0').map(({ partition, high }) => [partition, BigInt(high)]));
  if (left.size === 0) return;
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((done) => {
    void consumer.run({
      autoCommit: false,
      eachMessage: ({ partition, message }) => {
        take(message);
        if (BigInt(message.offset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
        if (left.size === 0) done();
        return Promise.resolve();
      },
    });
  });
  await consumer.disconnect();
}
