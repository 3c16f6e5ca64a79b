import type { Admin } from 'kafkajs';
import type { TopicRole } from '@muster/contracts';
import type { OldestWaiting, TopicLag } from './event-log.js';
import { readKafkaLag } from './kafka-topics.js';
import type { TopicNames } from './kafka-topic-names.js';

const LEAST_MS = 100;
const GROWTH = 1.3;
/** Longer than any topic keeps an event. */
const MOST_MS = 31 * 86_400_000;
/** Ages that are told apart, rising. */
const AGES_MS = Array.from(
  { length: Math.ceil(Math.log(MOST_MS / LEAST_MS) / Math.log(GROWTH)) + 1 },
  (_, step) => LEAST_MS * GROWTH ** step,
);

/**
 * kafkajs reads records in groups only, which is slow to set up; but a broker tells which offset belongs to a time. So
 * the age of the event at the committed offset is sought by halving, for all partitions of a topic with one request.
 */
export async function readOldestWaiting(
  admin: Admin,
  names: TopicNames,
  asked: { groupId: string; topics: readonly TopicRole[] },
): Promise<OldestWaiting[]> {
  const waiting = (await readKafkaLag(admin, names, asked)).filter(({ lag }) => lag > 0);
  const ages = asked.topics.map((topic) =>
    seekAges(
      admin,
      names.toName(topic),
      waiting.filter((one) => one.topic === topic),
    ),
  );
  return (await Promise.all(ages)).flat();
}

async function seekAges(admin: Admin, name: string, lags: readonly TopicLag[]): Promise<OldestWaiting[]> {
  const now = Date.now();
  const offsetsAt = new Map<number, Promise<Map<number, bigint>>>();
  /** The first offset of each partition that is not older than this age. */
  const offsetsOf = (step: number): Promise<Map<number, bigint>> => {
    const known = offsetsAt.get(step) ?? firstOffsets(admin, name, now - (AGES_MS[step] ?? MOST_MS));
    offsetsAt.set(step, known);
    return known;
  };
  return Promise.all(
    lags.map(async ({ topic, partition, lag, committedOffset, endOffset }) => {
      const next = BigInt(committedOffset ?? BigInt(endOffset) - BigInt(lag));
      let [low, high] = [0, AGES_MS.length - 1];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const first = (await offsetsOf(middle)).get(partition) ?? 0n;
        if (first <= next) high = middle;
        else low = middle + 1;
      }
      return { topic, partition, waiting: lag, committedOffset, ageMs: Math.ceil(AGES_MS[low] ?? MOST_MS) };
    }),
  );
}

async function firstOffsets(admin: Admin, name: string, timestamp: number): Promise<Map<number, bigint>> {
  const found = await admin.fetchTopicOffsetsByTimestamp(name, Math.max(0, Math.floor(timestamp)));
  return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
}
