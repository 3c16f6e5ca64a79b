import kafkajs, { type Kafka, type LogEntry, type logLevel } from 'kafkajs';
import { Failure } from '@muster/contracts';
import type { Logger } from '@muster/telemetry';
import { mendConnections } from './kafka-connection.js';
import { quietRequestQueue } from './kafka-request-queue.js';
import { toClientSecurity, toCure, type KafkaSecurity } from './kafka-security.js';

export type KafkaClientOptions = KafkaSecurity & { brokers: readonly string[]; clientId: string; logger: Logger };

/** Short pauses: a broker that is back is found within about a second. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 };

/**
 * What a consumer takes of one partition in a fetch, which stays in memory until all of it is handled. Of a batch of records
 * that is larger Kafka gives nothing, unless no partition ahead of it in that fetch has anything (KIP-74): it would wait for
 * as long as others are busy.
 */
export const FETCH_BYTES = 256 * 1_024;

/** One configured kafkajs; each producer, consumer and admin made from it has its own connections. */
export function createKafkaClient({ brokers, clientId, logger, ...security }: KafkaClientOptions): Kafka {
  quietRequestQueue();
  mendConnections();
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    ...toClientSecurity(security),
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: RETRY,
    logLevel: logger.isLevelEnabled('debug') ? kafkajs.logLevel.INFO : kafkajs.logLevel.WARN,
    logCreator: () => createEntryWriter(logger),
  });
}

const REPEAT_MS = 30_000;

/**
 * kafkajs says ERROR of each lost connection, which it then repairs; in Muster ERROR means that a person must act. What
 * is beyond repair reaches us as a rejection or a crash and is logged as such. During an outage it repeats itself many
 * times a second: the same words count as a warning once in 30 s.
 */
function createEntryWriter(logger: Logger): (entry: LogEntry) => void {
  let told = new Set<string>();
  let toldSince = 0;
  const isNews = (message: string): boolean => {
    if (performance.now() - toldSince > REPEAT_MS) {
      told = new Set();
      toldSince = performance.now();
    }
    return told.size < told.add(message).size;
  };
  return ({ namespace, level, log }) => {
    // Limited retries are safe here: a producer that gave up is never used again (kafka-publisher.ts).
    if (log.message.startsWith('Limiting retries for the idempotent producer')) return;
    const facts = {
      kafka: log.message,
      part: namespace,
      broker: log.broker as unknown,
      groupId: log.groupId as unknown,
    };
    const error = log.error as unknown;
    const entry = typeof error === 'string' ? { ...facts, error } : facts;
    if (level <= (kafkajs.logLevel.WARN as logLevel) && isNews(log.message)) logger.warn(entry, 'kafka client warns');
    else logger.debug(entry, 'kafka client tells');
  };
}

/** What the caller sees when Kafka could not do it: try again later. */
export const toUnavailable = (error: unknown): Failure =>
  new Failure('log.unavailable', `the event log is not available: ${toMessage(error)}`, {
    retryable: true,
    cause: error,
  });

export function toMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const cure = toCure(error);
  return cure === undefined ? message : `${cure} (${message})`;
}

/** Kafka's own name of an error, such as UNKNOWN_TOPIC_OR_PARTITION. */
export const toErrorType = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string'
    ? error.type
    : undefined;
