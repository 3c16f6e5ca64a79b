import { CLOUDS, type CloudUrls } from '@muster/contracts';
import { createKafkaEventLog } from '@muster/event-log';
import { createGraphFactory } from '@muster/graph-client';
import type { Part, ServiceContext, ServiceDefinition } from '@muster/runtime';
import { connectStore, createSealer } from '@muster/store';
import { createApp } from './app.js';
import type { Config } from './config.js';

export async function createService(context: ServiceContext<Config>): Promise<ServiceDefinition> {
  const { config, logger, metrics, now } = context;
  const store = await connectStore({ uri: config.MONGODB_URI.reveal(), logger });
  const eventLog = createKafkaEventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: 'muster-admin',
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    logger,
    metrics,
  });
  const publisher = eventLog.publisher();
  const app = createApp({
    store,
    publisher,
    eventLog,
    graphOf: createGraphFactory({ logger, metrics }),
    sealer: createSealer(config.MUSTER_KEYS.reveal()),
    bootstrapKey: config.MUSTER_BOOTSTRAP_KEY,
    defaultCloud: config.GRAPH_URL === undefined ? 'global' : 'custom',
    customCloud: toCustomCloud(config),
    publicUrl: config.PUBLIC_ADMIN_URL,
    trustedProxies: config.TRUSTED_PROXIES,
    logger,
    now,
  });
  const connections: Part = {
    name: 'connections',
    start: () => eventLog.ensureTopics(),
    stop: async () => {
      await eventLog.close();
      await store.close();
    },
  };
  return {
    app,
    parts: [connections, { name: 'publisher', ...publisher }],
    checks: [{ name: 'mongodb', check: () => store.ping().then(() => null) }],
  };
}

const toCustomCloud = ({ GRAPH_URL, LOGIN_URL }: Config): CloudUrls => ({
  graphUrl: GRAPH_URL ?? CLOUDS.global.graphUrl,
  loginUrl: LOGIN_URL ?? CLOUDS.global.loginUrl,
});
