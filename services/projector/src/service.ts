import { randomUUID } from 'node:crypto';
import { toKafka } from '@muster/config';
import { createKafkaEventLog, topicsPart } from '@muster/event-log';
import { everyPart, type ServiceContext, type ServiceDefinition } from '@muster/runtime';
import { connectStore, createIntegrationsView, createSealer } from '@muster/store';
import { createTenantGraphs } from '@muster/tenant-access';
import type { Config } from './config.js';
import { createRemovalGate } from './gate-removals.js';
import { createIntegrationsCache } from './integrations-cache.js';
import { createLagBehind } from './lag-behind.js';
import { LOOK_EVERY_MS } from './leftovers.js';
import { createLeftToSweep } from './left-to-sweep.js';
import { createProjector } from './projector.js';
import { createProjectorMetrics } from './projector-metrics.js';
import { createPurge } from './purge-people.js';
import { createPeopleReader } from './read-people.js';
import { createSweeps } from './sweeps.js';

export async function createService(context: ServiceContext<Config>): Promise<ServiceDefinition> {
  const { config, logger, metrics, now, fail } = context;
  const connected = await connectStore({ uri: config.MONGODB_URI.reveal(), logger, onExhausted: fail });
  const lag = createLagBehind(connected.lag, logger);
  const store = { ...connected, lag: { ...connected.lag, ...lag } };
  const graphs = createTenantGraphs({
    service: 'projector',
    store,
    sealer: createSealer(config.MUSTER_KEYS.reveal()),
    custom: { graphUrl: config.GRAPH_URL, loginUrl: config.LOGIN_URL },
    logger,
    metrics,
    now,
  });
  const log = createKafkaEventLog({
    ...toKafka(config),
    clientId: 'muster.projector',
    logger,
    metrics,
  });
  const publisher = log.publisher();
  const sweeps = createSweeps({ publisher, leases: store.leases, now, settleMs: config.SETTLE_AFTER });
  const projectorMetrics = createProjectorMetrics(metrics);
  const left = createLeftToSweep({ store, metrics: projectorMetrics, most: config.BURST_PEOPLE, now });
  const purge = createPurge({
    store,
    publisher,
    purgeAfterMs: config.PURGE_AFTER,
    dropAfterMs: config.DROP_AFTER,
    holder: `projector-${randomUUID()}`,
    logger,
    now,
  });
  const limit = { least: config.REMOVALS_LEAST, percent: config.REMOVALS_PERCENT };
  const { tellLate, ...projector } = createProjector({
    log,
    store,
    publisher,
    sweeps,
    integrations: createIntegrationsCache({ all: createIntegrationsView(store.integrations) }, now),
    reader: createPeopleReader({ graphOf: graphs.graphFor }),
    gate: createRemovalGate({ store, limit, metrics: projectorMetrics, logger, now }),
    left,
    metrics: projectorMetrics,
    logger,
    now,
    onCrash: fail,
  });
  return {
    parts: [
      { name: 'store', start: () => Promise.resolve(), stop: () => store.close() },
      { name: 'lag', start: () => Promise.resolve(), stop: lag.flush },
      { name: 'event-log', start: () => Promise.resolve(), stop: () => log.close() },
      topicsPart(log, logger),
      { name: 'publisher', start: publisher.start, stop: publisher.stop, state: publisher.state },
      everyPart({ name: 'held-back-sweeps', everyMs: 1_000, run: sweeps.flush, logger }),
      everyPart({ name: 'lag-of-bursts', everyMs: 1_000, run: left.measure, logger }),
      everyPart({ name: 'leftovers', everyMs: LOOK_EVERY_MS, run: tellLate, logger }),
      everyPart({ name: 'purge', everyMs: config.PURGE_EVERY, run: purge, logger }),
      { name: 'projector', ...projector },
    ],
    checks: [
      { name: 'store', check: () => store.ping().then(() => null) },
      { name: 'clock', check: graphs.checkClock },
    ],
  };
}
