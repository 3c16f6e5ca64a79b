import { createKafkaEventLog } from '@muster/event-log';
import { createLogger } from '@muster/telemetry';
import { patiently } from '@muster/test-support';
import type { Servers } from './servers.js';

/** Muster's topics with this prefix. A broker that was stalled a moment ago elects its leaders first. */
export async function makeTopics({ kafkaBrokers }: Pick<Servers, 'kafkaBrokers'>, topicPrefix: string): Promise<void> {
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const log = createKafkaEventLog({ brokers: kafkaBrokers.split(','), clientId: 'bench', topicPrefix, logger });
  await patiently(log.ensureTopics, { within: 60_000 }).finally(log.close);
}
