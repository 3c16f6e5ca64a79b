import type { Admin, Kafka } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, type TopicRole } from '@muster/contracts';
import type { IncomingEvent } from './event-log.js';
import { RETRY } from './kafka-client.js';
import { toIncoming } from './kafka-incoming.js';
import type { TopicNames } from './kafka-topic-names.js';

export type ReadNewestOptions = {
  kafka: Kafka;
  admin: Admin;
  names: TopicNames;
  topic: TopicRole;
  limit: number;
  before?: { partition: number; offset: string } | undefined;
  /** Given up when nothing came from one look to the next, ms. */
  silentMs?: number;
};
const SILENT_MS = 10_000;

/**
 * kafkajs reads in groups only, so this one reads in a group of its own that is deleted afterwards. All or nothing: Kafka
 * is read from the older to the newer, so of a part the newest would be missing.
 */
export async function readNewestEvents(options: ReadNewestOptions): Promise<IncomingEvent[]> {
  const { admin, names, topic, limit, before } = options;
  const name = names.toName(topic);
  const ranges = (await admin.fetchTopicOffsets(name))
    .filter(({ partition }) => before === undefined || partition === before.partition)
    .map(({ partition, low, high }) => {
      const end = before === undefined || BigInt(before.offset) > BigInt(high) ? BigInt(high) : BigInt(before.offset);
      const from = end - BigInt(limit);
      return { partition, from: from < BigInt(low) ? BigInt(low) : from, end };
    })
    .filter(({ from, end }) => from < end);
  if (limit < 1 || ranges.length === 0) return [];
  const events = await readRanges(options, ranges);
  return events.sort(newestFirst).slice(0, limit);
}

const newestFirst = (a: IncomingEvent, b: IncomingEvent): number =>
  b.timestamp - a.timestamp || Number(BigInt(b.offset) - BigInt(a.offset));

type Range = { partition: number; from: bigint; end: bigint };

async function readRanges(
  { kafka, admin, names, topic, silentMs = SILENT_MS }: ReadNewestOptions,
  ranges: Range[],
): Promise<IncomingEvent[]> {
  const name = names.toName(topic);
  const groupId = names.toGroup(`muster.read-newest.${randomUUID()}`);
  const consumer = kafka.consumer({
    ...{ groupId, maxWaitTimeInMs: 50, allowAutoTopicCreation: false },
    // One that begins again behind its end would be stopped by nobody.
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  const open = new Map(ranges.map(({ partition, end }) => [partition, end]));
  const events: IncomingEvent[] = [];
  /** All is read, or the consumer is gone: its error is the reason then. */
  const over = new AbortController();
  consumer.on(consumer.events.CRASH, ({ payload }) => over.abort(payload.error));
  let came = 0;
  let seen: number;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        const end = open.get(batch.partition);
        if (end === undefined) return Promise.resolve();
        came += 1;
        const wanted = batch.messages.filter(({ offset }) => BigInt(offset) < end);
        events.push(...wanted.map((message) => toIncoming(topic, batch.partition, message)));
        if (BigInt(batch.lastOffset()) + 1n >= end) open.delete(batch.partition);
        if (open.size === 0) over.abort();
        return Promise.resolve();
      },
    });
    // One that could not join has no place to read from.
    if (!over.signal.aborted)
      for (const { partition, from } of ranges) consumer.seek({ topic: name, partition, offset: from.toString() });
    do {
      seen = came;
      await sleep(silentMs, undefined, { signal: over.signal }).catch(() => undefined);
    } while (!over.signal.aborted && came > seen);
    if (open.size > 0) throw toCutShort(name, over.signal.reason);
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined); // Kafka drops an empty group by itself, later
  }
  return dedupe(events, ranges);
}

const toCutShort = (name: string, cause: unknown): Failure =>
  new Failure(
    'log.unavailable',
    `only a part of ${name} could be read: ${cause instanceof Error ? cause.message : 'nothing came any more'}`,
    { retryable: true, cause },
  );

/** A fetch that was under way before the seek may bring older ones, or the same ones twice. */
function dedupe(events: readonly IncomingEvent[], ranges: readonly Range[]): IncomingEvent[] {
  const froms = new Map(ranges.map(({ partition, from }) => [partition, from]));
  const seen = new Map(events.map((event) => [`${event.partition}/${event.offset}`, event]));
  return [...seen.values()].filter(({ partition, offset }) => BigInt(offset) >= (froms.get(partition) ?? 0n));
}
