import type { toKafka } from '@muster/config';
import { createKafkaEventLog } from '@muster/event-log';
import { createLogger } from '@muster/telemetry';

/** Creates the topics that are missing; changes none that is there. */
export async function createTopics(kafka: ReturnType<typeof toKafka>): Promise<void> {
  const logger = createLogger({ service: 'create-topics', level: 'error' });
  const log = createKafkaEventLog({ ...kafka, clientId: 'muster-create-topics', logger });
  try {
    await log.ensureTopics();
  } finally {
    await log.close();
  }
}
