import type { TopicRole } from '@muster/contracts';
import type { PartState } from '@muster/runtime';

/** The port to Kafka. The adapter is `kafka-event-log.ts`; nothing else knows the library. */

export type OutgoingEvent = {
  topic: TopicRole;
  /** Decides the partition, so that what belongs together stays in order. Null only where the partition is named. */
  key: string | null;
  /** Bytes go as they are, null as a tombstone; anything else as JSON. */
  value: object | Uint8Array | null;
  /** Overrides the key's partition; for marks that go to every partition. */
  partition?: number;
};

export type Publisher = {
  /**
   * Resolves when every event is acknowledged by all in-sync replicas. Idempotent, one produce in flight: what is
   * published while one is under way goes into the next. Rejects with a retryable Failure `log.unavailable` after
   * `deadlineMs` (the produce may still land), or `log.overloaded` when more than `maxWaitingBytes` wait.
   */
  publish: (events: readonly OutgoingEvent[], options?: { deadlineMs?: number }) => Promise<void>;
  start: () => Promise<void>;
  /** Waits for what is under way, then disconnects. */
  stop: () => Promise<void>;
  state: () => PartState;
};

export type IncomingEvent = {
  topic: TopicRole;
  partition: number;
  offset: string;
  key: string | null;
  value: Buffer | null;
  /** When the broker took it, ms since epoch. */
  timestamp: number;
};

export type EventBatch = {
  topic: TopicRole;
  partition: number;
  events: readonly IncomingEvent[];
  /** Offset that the next produced event will get; for lag. */
  highWatermark: string;
  /** Shows that a batch which takes long goes on: after a quarter of an hour without, the consumer crashes. */
  heartbeat: () => Promise<void>;
  /** False once the partition was given to another consumer or the service stops: leave without writing. */
  isMine: () => boolean;
};

export type Consumer = {
  start: () => Promise<void>;
  /** Finishes the batch under way, commits, leaves the group. */
  stop: () => Promise<void>;
  state: () => PartState;
  /** Partitions held now, by topic. */
  assignment: () => ReadonlyMap<TopicRole, readonly number[]>;
  pause: (topic: TopicRole, partition: number) => void;
  resume: (topic: TopicRole, partition: number) => void;
};

export type ConsumerOptions = {
  groupId: string;
  topics: readonly TopicRole[];
  fromBeginning?: boolean;
  /** At most this many events a batch (chunk). Default 500. */
  maxBatch?: number;
  /** Partitions handled side by side. Default 1: `handle` is never called twice at a time. */
  partitionsAtOnce?: number;
  /** Offsets are committed after this resolves. A retryable Failure is retried with back-off, the partition waits. */
  handle: (batch: EventBatch) => Promise<void>;
  /**
   * The partitions that were just given; called before their first batch, and again while it fails with a retryable
   * Failure, also where no batch comes. Any other error crashes the consumer, as with `handle`.
   */
  onAssigned?: (assignment: ReadonlyMap<TopicRole, readonly number[]>) => Promise<void>;
  /** The consumer is gone for good: the service must stop being ready, and exit. */
  onCrash: (error: Error) => void;
};

export type TopicLag = {
  topic: TopicRole;
  partition: number;
  endOffset: string;
  committedOffset: string | null;
  lag: number;
};

export type OldestWaiting = {
  topic: TopicRole;
  partition: number;
  waiting: number;
  committedOffset: string | null;
  /** By the broker's time of the event, rounded up by at most a third: never flattering. */
  ageMs: number;
};

export type EventLog = {
  publisher: (options?: { maxWaitingBytes?: number }) => Publisher;
  consumer: (options: ConsumerOptions) => Consumer;
  /** Creates what is missing with the figures of TOPICS; never changes what exists. */
  ensureTopics: () => Promise<void>;
  lag: (groupId: string, topics: readonly TopicRole[]) => Promise<TopicLag[]>;
  /** Partitions in which something waits for the group, and how old the oldest of it is; empty when all was read. */
  oldestWaiting: (groupId: string, topics: readonly TopicRole[]) => Promise<OldestWaiting[]>;
  /**
   * The `limit` newest events of a topic, newest first, or all where it has fewer; `before`: of that partition, older than
   * that offset. Rejects with a retryable Failure `log.unavailable` where it could read a part only.
   */
  readNewest: (
    topic: TopicRole,
    limit: number,
    before?: { partition: number; offset: string },
  ) => Promise<IncomingEvent[]>;
  close: () => Promise<void>;
};
