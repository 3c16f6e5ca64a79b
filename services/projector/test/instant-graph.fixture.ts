// For the bench: the projector with its real log and database, before a Graph that answers after GRAPH_DELAY_MS that
// everyone has changed, to CHANGED_NAME where one is given; SLOW_INTEGRATION's takes SLOW_MS. Its own reads of Graph are measured elsewhere (R6).
// BURST_PEOPLE: from how many on people are left to a sweep; unset: all are read. STORE=none: documents go nowhere.
// LIVE_FILE: at SIGUSR2 what is in use after a collection of garbage is written there, MiB.
// CLOCK_SPEED: so many times faster goes the clock by which a document is fresh; a full read is judged otherwise then.
import { createKafkaEventLog } from '@muster/event-log';
import type { Graph, ReadUser } from '@muster/graph-client';
import { systemNow } from '@muster/runtime';
import { connectStore, type Store } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { patiently, toUser } from '@muster/test-support';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemovalGate } from '../src/gate-removals.js';
import { createIntegrationsCache } from '../src/integrations-cache.js';
import { createLagBehind } from '../src/lag-behind.js';
import { createLeftToSweep } from '../src/left-to-sweep.js';
import { createProjector } from '../src/projector.js';
import { createProjectorMetrics } from '../src/projector-metrics.js';
import { createPeopleReader } from '../src/read-people.js';
import { createSweeps } from '../src/sweeps.js';

const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX = '', MONGODB_URI = '', GRAPH_DELAY_MS = '0' } = process.env;
const { SLOW_INTEGRATION, SLOW_MS = '0', BURST_PEOPLE, STORE, CLOCK_SPEED = '1', LIVE_FILE } = process.env;
const { CHANGED_NAME } = process.env;
const logger = createLogger({ service: 'projector', level: 'info' });
const allMetrics = createMetrics({ service: 'projector' });
const metrics = createProjectorMetrics(allMetrics);

const startedAt = Date.now();
const now = (): Date => new Date(startedAt + (Date.now() - startedAt) * Number(CLOCK_SPEED));

let reads = 0;
const graphThatTakes = (delayMs: number): Pick<Graph, 'readUsers'> => ({
  readUsers: async (userIds) => {
    if (delayMs > 0) await sleep(delayMs);
    const observedAt = new Date().toISOString();
    reads += 1;
    const toRead = (userId: string): ReadUser => {
      const user = toUser({
        userId,
        displayName: CHANGED_NAME ?? `Name ${reads}`,
        userPrincipalName: `${userId}@contoso.test`,
      });
      return { userId, observedAt, found: 'yes', user, inGroup: null };
    };
    return userIds.map(toRead);
  },
});
const graph = graphThatTakes(Number(GRAPH_DELAY_MS));
const slowGraph = graphThatTakes(Number(SLOW_MS));

/** Everything but the documents: the first load of a tenant that is larger than the database at hand. */
const withoutDocuments = (all: Store): Store => ({
  ...all,
  users: {
    ...all.users,
    load: () => Promise.resolve(new Map()),
    write: () => Promise.resolve({ refused: [] }),
    published: () => Promise.resolve(),
    lastTold: () => Promise.resolve(new Map()),
  },
});

const connected = await patiently(() => connectStore({ uri: MONGODB_URI, logger }));
const lag = createLagBehind(connected.lag, logger);
const withLag = { ...connected, lag: { ...connected.lag, ...lag } };
const store = STORE === 'none' ? withoutDocuments(withLag) : withLag;
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
  reader: createPeopleReader({
    graphOf: ({ integrationId }) => (integrationId === SLOW_INTEGRATION ? slowGraph : graph) as Graph,
  }),
  gate: createRemovalGate({ store, limit: { least: 5, percent: 100 }, metrics, logger, now: systemNow }),
  left: createLeftToSweep({
    store,
    metrics,
    most: BURST_PEOPLE === undefined ? Number.MAX_SAFE_INTEGER : Number(BURST_PEOPLE),
    now: systemNow,
  }),
  metrics,
  logger,
  now,
  onCrash: (error) => {
    throw error;
  },
});
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  if (LIVE_FILE) writeFileSync(LIVE_FILE, String((heapUsed + external) / 2 ** 20));
});
process.once('SIGTERM', () => {
  void projector.stop().finally(() => process.exit(0));
});
await projector.start();
