import type { Admin } from 'kafkajs';
import { Failure, isFailure } from '@muster/contracts';
import { retry, within } from '@muster/runtime';
import type { Logger, Metrics } from '@muster/telemetry';
import type { EventLog } from './event-log.js';
import { createKafkaClient, toUnavailable } from './kafka-client.js';
import { createKafkaConsumer } from './kafka-consumer.js';
import { readOldestWaiting } from './kafka-oldest-waiting.js';
import { createKafkaPublisher } from './kafka-publisher.js';
import { readNewestEvents } from './kafka-read-newest.js';
import type { KafkaSecurity } from './kafka-security.js';
import { createTopicNames } from './kafka-topic-names.js';
import { ensureKafkaTopics, readKafkaLag } from './kafka-topics.js';

export type KafkaEventLogOptions = KafkaSecurity & {
  brokers: readonly string[];
  clientId: string;
  /** Before every topic and group name; may be empty. */
  topicPrefix: string;
  logger: Logger;
  metrics?: Metrics;
  /** Without a heartbeat for so long, a consumer's partitions go to others. Default 10 s: so long waits a killed one. */
  sessionTimeoutMs?: number;
};

/** What is asked of Kafka when the log is closed may take so long yet. */
const CLOSE_WITHIN_MS = 3_000;

/** The event log on Apache Kafka (classic group protocol, kafkajs). */
export function createKafkaEventLog(options: KafkaEventLogOptions): EventLog {
  const { logger, metrics, topicPrefix, sessionTimeoutMs = 10_000 } = options;
  const kafka = createKafkaClient(options);
  const names = createTopicNames(topicPrefix);
  let connected: Promise<Admin> | undefined;
  let isClosed = false;
  const underWay = new Set<Promise<unknown>>();

  const connectAdmin = async (): Promise<Admin> => {
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  };
  /** Connected when first needed; after a failure anew. A broker that has just started answers a little later. */
  const withAdmin = async <T>(act: (admin: Admin) => Promise<T>): Promise<T> => {
    const asked = retry(() => attempt(act), { attempts: 4, baseMs: 200, capMs: 1_000 });
    underWay.add(asked);
    return asked.finally(() => underWay.delete(asked));
  };
  const attempt = async <T>(act: (admin: Admin) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Failure('log.unavailable', 'the event log is closed', { retryable: false });
    const used = (connected ??= connectAdmin());
    try {
      return await act(await used);
    } catch (error) {
      // Of those that ask side by side the others may be connected anew by now.
      if (connected === used) {
        connected = undefined;
        void used.then((admin) => admin.disconnect()).catch(() => undefined);
      }
      throw toUnavailable(error);
    }
  };

  return {
    publisher: (publisherOptions = {}) =>
      createKafkaPublisher({ kafka, names, logger, metrics, maxWaitingBytes: publisherOptions.maxWaitingBytes }),
    consumer: (consumerOptions) =>
      createKafkaConsumer({ kafka, names, logger, metrics, sessionTimeoutMs, options: consumerOptions }),
    ensureTopics: () => withAdmin((admin) => ensureKafkaTopics(admin, names, logger)),
    lag: (groupId, topics) => withAdmin((admin) => readKafkaLag(admin, names, { groupId, topics })),
    oldestWaiting: (groupId, topics) => withAdmin((admin) => readOldestWaiting(admin, names, { groupId, topics })),
    readNewest: async (topic, limit, before) => {
      // A read that was cut short is no failure of the connection that the others share, and takes too long to be made four times.
      const read = await withAdmin((admin) =>
        readNewestEvents({ kafka, admin, names, topic, limit, before }).catch((error: unknown) => {
          if (isFailure(error)) return error;
          throw error;
        }),
      );
      if (isFailure(read)) throw read;
      return read;
    },
    async close() {
      isClosed = true;
      // kafkajs connects anew for what it has still to answer, and nobody would close that.
      await within(Promise.allSettled(underWay), CLOSE_WITHIN_MS, () => undefined);
      if (!connected) return;
      const closing = connected.then((admin) => admin.disconnect()).catch(() => undefined);
      connected = undefined;
      // One that still connects may take longer than a service has to stop.
      await within(closing, CLOSE_WITHIN_MS, () => undefined);
    },
  };
}
