import type { Consumer as KafkaConsumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFailure, type TopicRole } from '@muster/contracts';
import { watchClock, within, type PartState } from '@muster/runtime';
import type { Logger, Metrics } from '@muster/telemetry';
import type { Consumer, ConsumerOptions } from './event-log.js';
import { FETCH_BYTES, RETRY, toErrorType, toMessage } from './kafka-client.js';
import { createInHand } from './kafka-in-hand.js';
import { createMembership, toAssignment } from './kafka-membership.js';
import { isPassing } from './kafka-passing.js';
import { createPauses, toWaitMs } from './kafka-pauses.js';
import type { TopicNames } from './kafka-topic-names.js';
import { toIncoming } from './kafka-incoming.js';
import { createWelcome } from './kafka-welcome.js';
import { watchSilence } from './watch-silence.js';

export type KafkaConsumerOptions = {
  kafka: Kafka;
  names: TopicNames;
  logger: Logger;
  metrics?: Metrics | undefined;
  sessionTimeoutMs: number;
  options: ConsumerOptions;
};

const HEARTBEAT_MS = 3_000;
/** Without a heartbeat that Kafka answered for so long: not ready. kafkajs itself notices an outage late. */
const SILENT_MS = 10_000;
/** So many sessions without a heartbeat: kafkajs does not even try, or it would have crashed or joined anew by then. */
const SESSIONS_SILENT = 3;
/** A join that goes on is waited for by whoever stops. */
const JOIN_LIMIT_MS = 2_000;
const RUNS_ALREADY = /Cannot subscribe to topic while consumer is running/;
/** kafkajs re-joins the group when one of these reaches it. */
const LOST_TYPES = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
]);

/**
 * At least once: an offset is committed after `handle` resolved, and only when `handle` was never told that the
 * partition is another's, because then it may have left half-way.
 */
export function createKafkaConsumer(input: KafkaConsumerOptions): Consumer {
  const { kafka, names, logger, options, sessionTimeoutMs } = input;
  const { onCrash, maxBatch = 500 } = options;
  const seconds = input.metrics?.histogram('muster_event_batch_seconds', 'Seconds to handle a chunk.', ['topic']);
  const retried = input.metrics?.counter('muster_event_batch_retries_total', 'Chunks that have to wait.', ['topic']);

  const crashes = input.metrics?.counter('muster_event_consumer_crashes_total', 'Times that a consumer fell out.', [
    'group',
  ]);
  let state: PartState = { status: 'starting', detail: 'joins its group' };
  const inHand = createInHand({
    groupId: options.groupId,
    logger,
    metrics: input.metrics,
    elapsedMs: () => performance.now(),
    onStuck: (error) => crash(error),
  });
  const membership = createMembership();
  let heardAt = 0;
  /** Until kafkajs runs again, what it begins itself would be a second member in here. */
  let isRenewing = false;
  /** kafkajs joins; resolved where it does not. */
  let entering = Promise.resolve();
  /** Stopped while kafkajs joined, which forgets whom it stops then. */
  let isLetGo = false;
  const stopping = new AbortController();
  const isEnding = (): boolean => stopping.signal.aborted || state.status === 'failed';

  const consumer = kafka.consumer({
    groupId: names.toGroup(options.groupId),
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.min(HEARTBEAT_MS, sessionTimeoutMs / 3),
    rebalanceTimeout: 30_000,
    // A fetch is answered as soon as there is one byte; this bounds how long an idle one delays a stop or a resume.
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: FETCH_BYTES,
    allowAutoTopicCreation: false,
    // While it is renewed, whoever renews it joins: two would be two members in here.
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(!isRenewing && !isEnding()) },
  });
  const pauses = createPauses({
    pause: (topic, partition) => consumer.pause([{ topic: names.toName(topic), partitions: [partition] }]),
    resume: (topic, partition) => consumer.resume([{ topic: names.toName(topic), partitions: [partition] }]),
  });

  const crash = (error: unknown): void => {
    if (isEnding()) return;
    state = { status: 'failed', detail: toMessage(error) };
    onCrash(error instanceof Error ? error : new Error(toMessage(error)));
  };

  const welcome = createWelcome({ options, membership, logger, signal: stopping.signal, fail: crash });

  const onJoined = (members: Record<string, number[]>): void => {
    // kafkajs gives a join up when its listener throws; nothing else would end this one.
    if (isLetGo) throw new Error('joined behind its stop');
    membership.joined(toAssignment(members, names));
    heardAt = performance.now();
    if (state.status !== 'failed') state = { status: 'running' };
    if (!isEnding()) welcome.begin();
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => onJoined(payload.memberAssignment));
  consumer.on(consumer.events.HEARTBEAT, () => void (heardAt = performance.now()));
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    // It is asked whether it may restart before it says so; then what it says is of before.
    if (isRenewing && !payload.restart) logger.debug({ err: payload.error }, 'consumer crashes while it is renewed');
    else if (!payload.restart && isPassing(payload.error)) void joinInTheEnd(payload.error);
    else if (!payload.restart || isRenewing) crash(payload.error);
    else if (!isEnding()) state = { status: 'starting', detail: `joins its group again: ${payload.error.message}` };
    // kafkajs joins again without end while no broker answers: how often is what to be alarmed by.
    crashes?.inc({ group: options.groupId });
    membership.left();
  });

  /** Handles one chunk while heartbeats are kept up. Answers whether the next chunk may follow. */
  const handleChunk = async (
    payload: EachBatchPayload,
    role: TopicRole,
    messages: KafkaMessage[],
  ): Promise<boolean> => {
    const { batch } = payload;
    const { partition } = batch;
    const born = membership.generation();
    const isLate = (): boolean => membership.loss() !== undefined || membership.generation() !== born;
    const told = { notMine: false };
    const isMine = (): boolean => {
      const mine = !isLate() && payload.isRunning() && !payload.isStale() && !isEnding();
      told.notMine ||= !mine;
      return mine;
    };
    const beat = async (): Promise<void> => {
      try {
        await payload.heartbeat();
      } catch (error) {
        if (LOST_TYPES.has(toErrorType(error) ?? '')) membership.lost(error);
        else logger.debug({ err: error }, 'heartbeat failed');
      }
    };
    const begun = performance.now();
    const chunk = inHand.begin(role, partition);
    const keepAlive = setInterval(() => {
      chunk.look();
      void beat();
    }, 1_000);
    try {
      await welcome.done();
      await options.handle({
        topic: role,
        partition,
        events: messages.map((message) => toIncoming(role, partition, message)),
        highWatermark: batch.highWatermark,
        heartbeat: () => {
          chunk.moved();
          return beat();
        },
        isMine,
      });
    } catch (error) {
      onFailure(error, role, partition);
      return false;
    } finally {
      clearInterval(keepAlive);
      chunk.end();
      seconds?.observe({ topic: role }, (performance.now() - begun) / 1_000);
    }
    const last = messages.at(-1);
    if (told.notMine || membership.generation() !== born || !last) return false;
    const offset = (BigInt(last.offset) + 1n).toString();
    // Not consumer.commitOffsets: that one silently does nothing once a stop has begun.
    await payload.commitOffsetsIfNecessary({ topics: [{ topic: batch.topic, partitions: [{ partition, offset }] }] });
    payload.resolveOffset(last.offset);
    pauses.succeeded(role, partition);
    return isMine();
  };

  const onFailure = (error: unknown, topic: TopicRole, partition: number): void => {
    if (!isFailure(error) || !error.retryable) {
      if (!membership.loss()) crash(error);
      return;
    }
    if (isEnding()) return;
    retried?.inc({ topic });
    const waitMs = toWaitMs(error, pauses.failures(topic, partition) + 1);
    logger.warn({ err: error, topic, partition, waitMs }, 'events have to wait');
    pauses.failed(topic, partition, waitMs);
  };

  const onBatch = async (payload: EachBatchPayload): Promise<void> => {
    const role = names.toRole(payload.batch.topic);
    if (!role || isEnding()) return;
    const known = membership.loss();
    // Said until kafkajs joins again: of batches that fail side by side it hears only one, which may be for another reason.
    if (known) throw known.error;
    const { messages } = payload.batch;
    for (let from = 0; from < messages.length; from += maxBatch) {
      const goOn = await handleChunk(payload, role, messages.slice(from, from + maxBatch));
      const loss = membership.loss();
      if (loss) throw loss.error;
      if (!goOn) return;
    }
  };

  const join = async (): Promise<void> => {
    await consumer.connect();
    const topics = options.topics.map(names.toName);
    if (!isEnding()) await consumer.subscribe({ topics, fromBeginning: options.fromBeginning ?? false });
    // Whoever ended it did not know of what has connected since.
    if (isEnding()) return leave(consumer);
    isRenewing = false;
    entering = consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.partitionsAtOnce ?? 1,
      eachBatch: onBatch,
    });
    await entering;
  };

  const waitToJoin = async (error: unknown): Promise<void> => {
    state = { status: 'starting', detail: `cannot join its group: ${toMessage(error)}` };
    logger.warn({ err: error, groupId: options.groupId }, 'consumer cannot join yet');
    await sleep(500, undefined, { signal: stopping.signal }).catch(() => undefined);
  };
  /** `after`: what kept it from joining before. */
  const joinInTheEnd = async (after?: unknown): Promise<void> => {
    if (after !== undefined && !isEnding()) await waitToJoin(after);
    while (!isEnding()) {
      try {
        await join();
        return;
      } catch (error) {
        if (isEnding()) return;
        // kafkajs was the first to restart it: whose it is nobody can tell any more.
        if (RUNS_ALREADY.test(toMessage(error))) crash(error);
        else await waitToJoin(error);
      }
    }
  };

  /** kafkajs beats by the clock on the wall: set back, it would not beat until that time comes again. */
  const joinAnew = async (why: string): Promise<void> => {
    if (state.status !== 'running') return; // who joins just now may still beat by the old time: the watch sees it
    logger.warn({ groupId: options.groupId }, `${why}: the consumer joins its group again`);
    state = { status: 'starting', detail: `joins its group again: ${why}` };
    isRenewing = true;
    membership.left();
    // Disconnected, too: kafkajs asks whether it may restart behind that, and finds us still at it.
    await leave(consumer).catch((error: unknown) => logger.debug({ err: error }, 'consumer does not stop'));
    await joinInTheEnd();
  };
  let endWatch = (): void => undefined;

  return {
    start: () => {
      const endClock = watchClock(() => void joinAnew('the clock was set back'));
      const isSilent = (): boolean =>
        state.status === 'running' && performance.now() - heardAt > SESSIONS_SILENT * sessionTimeoutMs;
      const endSilence = watchSilence(isSilent, () => void joinAnew('no heartbeat was answered'));
      endWatch = () => {
        endClock();
        endSilence();
      };
      return joinInTheEnd();
    },
    async stop() {
      stopping.abort();
      endWatch();
      pauses.clear();
      await within(entering, JOIN_LIMIT_MS, () => undefined).catch(() => undefined); // whoever began it hears of it
      isLetGo ||= state.status === 'starting';
      await leave(consumer);
      membership.left();
      if (state.status !== 'failed') state = { status: 'stopped' };
    },
    state: () => {
      const silent = state.status === 'running' && performance.now() - heardAt > SILENT_MS;
      return silent ? { status: 'starting', detail: 'Kafka does not answer heartbeats' } : state;
    },
    assignment: membership.assignment,
    pause: pauses.hold,
    resume: pauses.release,
  };
}

/** Waits for the batches under way, leaves the group, disconnects. */
async function leave(consumer: KafkaConsumer): Promise<void> {
  await consumer.stop();
  await consumer.disconnect();
}
