import { randomUUID } from 'node:crypto';
import { toKafka } from '@muster/config';
import { CLOUDS, type CloudUrls } from '@muster/contracts';
import { createKafkaEventLog, topicsPart } from '@muster/event-log';
import { createGraphFactory } from '@muster/graph-client';
import type { Part, ServiceContext, ServiceDefinition } from '@muster/runtime';
import { connectStore, createSealer } from '@muster/store';
import { createTenantGraphs } from '@muster/tenant-access';
import { createAlertMetrics } from './alerts/alert-metrics.js';
import { toRunbookLink } from './alerts/message.js';
import { alertWatchPart } from './alerts/watch-alerts.js';
import { createApp } from './app.js';
import type { Config } from './config.js';
import { keepHistoryPart } from './history/keep-history.js';
import { forgetRemovedPart } from './setup/forget-removed.js';
import { createStatusReader } from './status/read-status.js';
import { followChangesPart } from './stream/follow-changes.js';
import { createStreamHub } from './stream/stream-hub.js';

export async function createService(context: ServiceContext<Config>): Promise<ServiceDefinition> {
  const { config, logger, metrics, now, fail } = context;
  const store = await connectStore({ uri: config.MONGODB_URI.reveal(), logger, onExhausted: fail });
  const eventLog = createKafkaEventLog({
    ...toKafka(config),
    clientId: 'muster-admin',
    logger,
    metrics,
  });
  const publisher = eventLog.publisher();
  const streams = createStreamHub({ integrations: store.integrations, now });
  const sealer = createSealer(config.MUSTER_KEYS.reveal());
  const custom = toCustomCloud(config);
  const { readStatus, readCondition, readVerdict } = createStatusReader({ store, eventLog, now });
  const toRunbook = toRunbookLink(config.RUNBOOK_URL, config.PUBLIC_ADMIN_URL);
  const app = createApp({
    readStatus,
    readVerdict,
    toRunbook,
    alertPrivateHosts: config.ALERT_PRIVATE_HOSTS,
    store,
    publisher,
    eventLog,
    graphOf: createGraphFactory({ logger, metrics }),
    ...createTenantGraphs({ service: 'admin', store, sealer, custom, logger, metrics, now }),
    sealer,
    bootstrapKey: config.MUSTER_BOOTSTRAP_KEY,
    breakGlassHash: config.BREAK_GLASS_HASH,
    operators: config.OPERATORS.reveal(),
    sessionPeriods: { idle: config.SESSION_IDLE, life: config.SESSION_LIFE },
    defaultCloud: config.GRAPH_URL === undefined ? 'global' : 'custom',
    customCloud: custom,
    publicUrl: config.PUBLIC_ADMIN_URL,
    receiverUrl: config.PUBLIC_RECEIVER_URL,
    streams,
    trustedProxies: config.TRUSTED_PROXIES,
    logger,
    now,
  });
  const connections: Part = {
    name: 'connections',
    start: () => Promise.resolve(),
    stop: async () => {
      await eventLog.close();
      await store.close();
    },
  };
  const streamsPart: Part = {
    name: 'streams',
    start: () => Promise.resolve(),
    stop: () => {
      streams.close();
      return Promise.resolve();
    },
  };
  return {
    app,
    parts: [
      connections,
      // They need the database alone, and tell that Kafka does not answer.
      alertWatchPart({
        ...{ store, readCondition, toRunbook, sealer, logger, now },
        metrics: createAlertMetrics(metrics),
        privateHosts: config.ALERT_PRIVATE_HOSTS,
        periods: { usersEveryMs: config.USERS_EVERY, mfaEveryMs: config.MFA_EVERY },
        holder: `admin-${randomUUID()}`,
      }),
      forgetRemovedPart({ store, logger, now }),
      topicsPart(eventLog, logger),
      { name: 'publisher', ...publisher },
      streamsPart,
      followChangesPart({ eventLog, sessions: store.sessions, streams, logger, onCrash: fail }),
      keepHistoryPart({ eventLog, changes: store.changes, keepFor: config.HISTORY_KEEP, logger, onCrash: fail }),
    ],
    checks: [{ name: 'mongodb', check: () => store.ping().then(() => null) }],
  };
}

const toCustomCloud = ({ GRAPH_URL, LOGIN_URL }: Config): CloudUrls => ({
  graphUrl: GRAPH_URL ?? CLOUDS.global.graphUrl,
  loginUrl: LOGIN_URL ?? CLOUDS.global.loginUrl,
});
