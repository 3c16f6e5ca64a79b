import { randomUUID } from 'node:crypto';
import type { TopicRole } from '@muster/contracts';
import { createLogger } from '@muster/telemetry';
import { patiently } from '@muster/test-support';
import { createKafkaEventLog, type EventLog, type IncomingEvent, type Publisher } from '../src/index.js';

export const numberOf = (event: IncomingEvent): number =>
  (JSON.parse(String(event.value)) as { number: number }).number;

type Resources = { prefix: string; onRemove: (removal: () => Promise<unknown>) => void };

/** A log with topics of this file's own on the run's Kafka, with what the tests of both sides ask of it. */
export function openEventLog(resources: Resources, kafkaBrokers: string) {
  const logger = createLogger({ service: 'test', level: 'fatal' });
  const connect = (brokers: readonly string[]): EventLog => {
    const log = createKafkaEventLog({ brokers, clientId: 'test', topicPrefix: resources.prefix, logger });
    resources.onRemove(() => log.close());
    return log;
  };
  const log = connect([kafkaBrokers]);
  const publisher: Publisher = log.publisher();
  return {
    log,
    publisher,
    connect,
    start: async (): Promise<void> => {
      await patiently(log.ensureTopics);
      await publisher.start();
      resources.onRemove(() => publisher.stop());
    },
    /** One publish for each key, all at once; the value is `{ number }`, counted from 0. */
    publish: (topic: TopicRole, keys: readonly string[]): Promise<unknown> =>
      Promise.all(keys.map((key, number) => publisher.publish([{ topic, key, value: { number } }]))),
    /** Records that the topic holds. */
    total: async (topic: TopicRole): Promise<number> =>
      (await log.lag(randomUUID(), [topic])).reduce((sum, { endOffset }) => sum + Number(endOffset), 0),
  };
}
