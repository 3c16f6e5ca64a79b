import type { Admin } from 'kafkajs';
import { TOPICS, type TopicRole } from '@muster/contracts';
import type { Logger } from '@muster/telemetry';
import type { TopicLag } from './event-log.js';
import { ROLES, type TopicNames } from './kafka-topic-names.js';

/** Creates what is missing. Several services may do so at once: whoever comes second finds the topic there. */
export async function ensureKafkaTopics(admin: Admin, names: TopicNames, logger: Logger): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = ROLES.filter((role) => !existing.has(names.toName(role)));
  if (missing.length === 0) return;
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map((role) => ({
      topic: names.toName(role),
      numPartitions: TOPICS[role].partitions,
      replicationFactor: -1, // the broker's default
      configEntries: [{ name: 'retention.ms', value: String(TOPICS[role].retentionMs) }],
    })),
  });
  logger.info({ topics: missing.map(names.toName) }, 'topics created');
}

/** What the group has still to read, by partition; where it never committed, everything that is kept. */
export async function readKafkaLag(
  admin: Admin,
  names: TopicNames,
  { groupId, topics }: { groupId: string; topics: readonly TopicRole[] },
): Promise<TopicLag[]> {
  const committed = await admin.fetchOffsets({ groupId: names.toGroup(groupId), topics: topics.map(names.toName) });
  const lags = topics.map(async (topic) => {
    const name = names.toName(topic);
    const ends = await admin.fetchTopicOffsets(name);
    const own = new Map(
      committed.find((entry) => entry.topic === name)?.partitions.map((p) => [p.partition, p.offset]),
    );
    return ends.map(({ partition, low, high }): TopicLag => {
      const offset = own.get(partition) ?? '-1';
      const committedOffset = offset === '-1' ? null : offset;
      const lag = Math.max(0, Number(BigInt(high) - BigInt(committedOffset ?? low)));
      return { topic, partition, endOffset: high, committedOffset, lag };
    });
  });
  const rows = (await Promise.all(lags)).flat();
  return rows.sort((a, b) => topics.indexOf(a.topic) - topics.indexOf(b.topic) || a.partition - b.partition);
}
