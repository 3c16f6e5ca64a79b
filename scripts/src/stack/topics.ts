import { createKafkaEventLog } from '@muster/event-log';
import { createLogger } from '@muster/telemetry';

/** Creates the topics that are missing; changes none that is there. */
export async function createTopics(brokers: readonly string[], topicPrefix = ''): Promise<void> {
  const logger = createLogger({ service: 'create-topics', level: 'error' });
  const log = createKafkaEventLog({ brokers, clientId: 'muster-create-topics', topicPrefix, logger });
  try {
    await log.ensureTopics();
  } finally {
    await log.close();
  }
}
