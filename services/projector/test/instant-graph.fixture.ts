// For the bench: the projector with its real log and database, before a Graph that answers after GRAPH_DELAY_MS that
// everyone has changed. Its own reads of Graph are measured elsewhere (R6).
import { createKafkaEventLog } from '@muster/event-log';
import type { Graph, ReadUser } from '@muster/graph-client';
import { systemNow } from '@muster/runtime';
import { connectStore } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemovalGate } from '../src/gate-removals.js';
import { createIntegrationsCache } from '../src/integrations-cache.js';
import { createLeftToSweep } from '../src/left-to-sweep.js';
import { createProjector } from '../src/projector.js';
import { createProjectorMetrics } from '../src/projector-metrics.js';
import { createPeopleReader } from '../src/read-people.js';
import { createSweeps } from '../src/sweeps.js';
import { toUser } from './world.js';

const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX = '', MONGODB_URI = '', GRAPH_DELAY_MS = '0' } = process.env;
const logger = createLogger({ service: 'projector', level: 'info' });
const allMetrics = createMetrics({ service: 'projector' });
const metrics = createProjectorMetrics(allMetrics);

let reads = 0;
const graph: Pick<Graph, 'readUsers'> = {
  readUsers: async (userIds) => {
    if (GRAPH_DELAY_MS !== '0') await sleep(Number(GRAPH_DELAY_MS));
    const observedAt = new Date().toISOString();
    reads += 1;
    const toRead = (userId: string): ReadUser => {
      const user = toUser({ userId, displayName: `Name ${reads}`, userPrincipalName: `${userId}@example.com` });
      return { userId, observedAt, found: 'yes', user, inGroup: null };
    };
    return userIds.map(toRead);
  },
};

const store = await connectStore({ uri: MONGODB_URI, logger });
const log = createKafkaEventLog({
  brokers: KAFKA_BROKERS.split(','),
  clientId: 'projector',
  topicPrefix: KAFKA_TOPIC_PREFIX,
  logger,
  metrics: allMetrics,
});
const publisher = log.publisher();
await publisher.start();
const projector = createProjector({
  log,
  store,
  publisher,
  sweeps: createSweeps({ publisher, leases: store.leases, now: systemNow, settleMs: 0 }),
  integrations: createIntegrationsCache(store.integrations, systemNow),
  reader: createPeopleReader({ graphOf: () => graph as Graph }),
  gate: createRemovalGate({ store, limit: { least: 5, percent: 10 }, metrics, logger, now: systemNow }),
  // Nothing is left to a sweep: what is measured is the way of each message.
  left: createLeftToSweep({ store, metrics, most: Number.MAX_SAFE_INTEGER, now: systemNow }),
  metrics,
  logger,
  now: systemNow,
  onCrash: (error) => {
    throw error;
  },
});
process.once('SIGTERM', () => {
  void projector.stop().finally(() => process.exit(0));
});
await projector.start();
