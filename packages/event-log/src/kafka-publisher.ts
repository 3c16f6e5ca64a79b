import type { Kafka, Message, Producer } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@muster/contracts';
import { within, type PartState } from '@muster/runtime';
import type { Logger, Metrics } from '@muster/telemetry';
import { createCoalescer, type Sized } from './coalescer.js';
import type { OutgoingEvent, Publisher } from './event-log.js';
import { FETCH_BYTES, RETRY, toMessage, toUnavailable } from './kafka-client.js';
import { createPartitioner } from './kafka-partitioner.js';
import type { TopicNames } from './kafka-topic-names.js';

type Record = { topic: string; message: Message };
export type PublisherOptions = {
  kafka: Kafka;
  names: TopicNames;
  logger: Logger;
  metrics?: Metrics | undefined;
  maxWaitingBytes?: number | undefined;
  /** How long a produce or a connect is waited for, ms. */
  longestMs?: number;
};

const DEFAULT_DEADLINE_MS = 30_000;
/** All of a batch may be for one partition; what Kafka adds to it is less than the rest. */
const MAX_BATCH_BYTES = FETCH_BYTES - 16 * 1_024;
const MAX_EVENT_BYTES = 1_000_000;
/** Room that a record needs beside key and value, at most. */
const RECORD_BYTES = 64;
/** No acknowledgement for so long means: not ready. */
const SLOW_MS = 3_000;
const STOP_LIMIT_MS = 5_000;
/**
 * kafkajs may wait without end where a connection closes between its look at it and its write. Its own tries end by less
 * (nine of 10 s, with pauses): one that is given up while it still tries could land behind a later one.
 */
const LONGEST_MS = 120_000;

/** A produce under way is awaited, so that what was answered as kept is kept. */
export function createKafkaPublisher(options: PublisherOptions): Publisher {
  const { kafka, names, logger, metrics, maxWaitingBytes, longestMs = LONGEST_MS } = options;
  const seconds = metrics?.histogram('muster_publish_seconds', 'Seconds until a produce was acknowledged.');
  const published = metrics?.counter('muster_published_events_total', 'Events acknowledged by the log.', ['topic']);
  const failed = metrics?.counter('muster_publish_failures_total', 'Produces that were given up.');
  const waiting = metrics?.gauge('muster_publish_waiting_bytes', 'Bytes that wait for the log.');
  const link = createProducerLink({ kafka, logger, longestMs });
  let sentAt: number | undefined;

  const send = async (records: readonly Record[]): Promise<void> => {
    sentAt = performance.now();
    try {
      const topicMessages = groupByTopic(records);
      await inTime(link.producer().sendBatch({ acks: -1, topicMessages }), longestMs);
      seconds?.observe((performance.now() - sentAt) / 1_000);
      for (const { topic, messages } of topicMessages) published?.inc({ topic }, messages.length);
    } catch (error) {
      failed?.inc();
      logger.warn({ err: error, events: records.length }, 'produce given up');
      link.replace();
      throw toUnavailable(error);
    } finally {
      sentAt = undefined;
    }
  };
  const log = createCoalescer<Record>({
    ready: link.ready,
    send,
    maxWaitingBytes: maxWaitingBytes ?? 64 * 1024 * 1024,
    maxBatchBytes: MAX_BATCH_BYTES,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });

  const tellWaiting = (): void => waiting?.set(log.waitingBytes());

  return {
    async publish(events, { deadlineMs = DEFAULT_DEADLINE_MS } = {}) {
      if (link.isStopped()) throw stopped();
      const records = events.map((event) => toRecord(event, names));
      const promise = log.add(records, deadlineMs);
      tellWaiting();
      await promise.finally(tellWaiting);
    },
    async start() {
      await Promise.race([link.ready(), link.ended]).catch((error: unknown) => {
        if (!link.isStopped()) throw error;
      });
    },
    async stop() {
      link.refuse();
      const limit = new AbortController();
      await Promise.race([log.idle(), sleep(STOP_LIMIT_MS, undefined, { signal: limit.signal })]);
      limit.abort();
      log.abandon(stopped());
      await link.disconnect();
    },
    state: () => {
      const late = sentAt !== undefined && performance.now() - sentAt > SLOW_MS;
      return late ? { status: 'starting', detail: 'Kafka is slow to acknowledge' } : link.state();
    },
  };
}

const stopped = (): Failure => new Failure('log.unavailable', 'the publisher has stopped', { retryable: true });

function toRecord({ topic, key, value, partition }: OutgoingEvent, names: TopicNames): Sized<Record> {
  const bytes = toBytes(value);
  const size = (bytes?.length ?? 0) + Buffer.byteLength(key ?? '') + RECORD_BYTES;
  if (size > MAX_EVENT_BYTES)
    throw new Failure('log.too-large', `an event of ${size} bytes is over the limit of ${MAX_EVENT_BYTES}`, {
      retryable: false,
      details: { topic, size },
    });
  const message = { key, value: bytes, ...(partition === undefined ? {} : { partition }) };
  return { item: { topic: names.toName(topic), message }, bytes: size };
}

function toBytes(value: OutgoingEvent['value']): Buffer | null {
  if (value === null) return null;
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
}

function groupByTopic(records: readonly Record[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, message } of records) {
    const messages = topics.get(topic);
    if (messages) messages.push(message);
    else topics.set(topic, [message]);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

/**
 * Holds the one connected producer. One that gave up is replaced: kafkajs counts its sequence numbers back then, and if
 * the lost produce had landed after all, the broker would take the next one for its repeat and drop it, acknowledged.
 */
function createProducerLink({ kafka, logger, longestMs }: { kafka: Kafka; logger: Logger; longestMs: number }) {
  const stopping = new AbortController();
  const ended = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  let refusing = false;
  let producer: Producer | undefined;
  let connecting: Promise<void> | undefined;
  let state: PartState = { status: 'starting', detail: 'connects to Kafka' };

  const connect = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const next = kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner,
        retry: RETRY,
      });
      try {
        await inTime(next.connect(), longestMs);
        producer = next;
        state = { status: 'running' };
        return;
      } catch (error) {
        state = { status: 'starting', detail: `Kafka is not reachable: ${toMessage(error)}` };
        logger.warn({ err: error }, 'kafka not reachable');
        await discard(next);
        await sleep(500, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
    throw stopped();
  };
  const ready = (): Promise<void> =>
    producer
      ? Promise.resolve()
      : (connecting ??= connect().finally(() => {
          connecting = undefined;
        }));
  return {
    ready,
    /** Resolves when no more is tried. */
    ended,
    producer: (): Producer => {
      if (!producer) throw stopped();
      return producer;
    },
    replace: (): void => {
      const old = producer;
      producer = undefined;
      state = { status: 'starting', detail: 'connects to Kafka again' };
      if (old) void discard(old);
      if (!refusing) ready().catch(() => undefined);
    },
    refuse: () => (refusing = true),
    isStopped: () => refusing,
    disconnect: async (): Promise<void> => {
      stopping.abort();
      state = { status: 'stopped' };
      const last = producer;
      producer = undefined;
      if (last) await discard(last);
    },
    state: () => state,
  };
}

const inTime = <T>(work: Promise<T>, limitMs: number): Promise<T> =>
  within(work, limitMs, () => {
    throw new Error(`not done within ${limitMs / 1_000} s`);
  });

const DISCARD_LIMIT_MS = 15_000;
const discard = (producer: Producer): Promise<void> =>
  inTime(producer.disconnect(), DISCARD_LIMIT_MS).catch(() => undefined);
