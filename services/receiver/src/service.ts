import { toKafka } from '@muster/config';
import { createKafkaEventLog, topicsPart } from '@muster/event-log';
import type { ServiceContext, ServiceDefinition } from '@muster/runtime';
import { createReceiverApp } from './app.js';
import type { Config } from './config.js';

/** No database and no Graph: what the receiver needs to prove a notification is in its keys. */
export function createService({ config, logger, metrics, now }: ServiceContext<Config>): ServiceDefinition {
  const eventLog = createKafkaEventLog({
    ...toKafka(config),
    clientId: 'muster.receiver',
    logger,
    metrics,
  });
  const publisher = eventLog.publisher();
  const app = createReceiverApp({ publisher, keys: config.CLIENT_STATE_KEYS.reveal(), now, logger, metrics });
  return {
    app,
    parts: [
      topicsPart(eventLog, logger),
      { name: 'publisher', start: publisher.start, stop: publisher.stop, state: publisher.state },
      { name: 'event-log', start: () => Promise.resolve(), stop: eventLog.close },
    ],
  };
}
