import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { toKafka } from '@muster/config';
import { PROJECTOR_GROUPS } from '@muster/contracts';
import { createKafkaEventLog, topicsPart } from '@muster/event-log';
import { everyPart, schedulePart, type Part, type ServiceContext, type ServiceDefinition } from '@muster/runtime';
import { connectStore, createCursorsView, createIntegrationsView, createSealer } from '@muster/store';
import { createTenantGraphs } from '@muster/tenant-access';
import { createCaughtUp } from './caught-up.js';
import { createClearAway } from './clear-away.js';
import type { Config } from './config.js';
import { createPersonReader } from './read-person.js';
import { createReconciler, type Reconciler } from './reconciler.js';
import { requestsPart } from './requests-part.js';
import { createSnapshotMetrics } from './snapshot-metrics.js';
import { createSweepMetrics } from './sweep-metrics.js';
import { createSweeper } from './sweeper.js';

/** Runs that work at once; those that wait for Graph, Retry-After or the projector don't count. */
const CONCURRENCY = 4;
const LEASE_MS = 60_000;
/** A first load waits in the projector's queue; beyond this something is wrong with it. */
const PROJECTION_LIMIT_MS = 30 * 60_000;
const SETTLE_MS = 2_000;
/** How soon a newly started integration and a request are noticed. */
const LOOK_EVERY_MS = 1_000;
const CLEAR_EVERY_MS = 60 * 60_000;

export async function createService(context: ServiceContext<Config>): Promise<ServiceDefinition> {
  const { config, logger, metrics, now, fail } = context;
  const connected = await connectStore({ uri: config.MONGODB_URI.reveal(), logger, onExhausted: fail });
  const store = {
    ...connected,
    integrations: { ...connected.integrations, all: createIntegrationsView(connected.integrations) },
    cursors: createCursorsView(connected.cursors),
  };
  const graphs = createTenantGraphs({
    service: 'reconciler',
    store,
    sealer: createSealer(config.MUSTER_KEYS.reveal()),
    custom: { graphUrl: config.GRAPH_URL, loginUrl: config.LOGIN_URL },
    logger,
    metrics,
    now,
  });
  const log = createKafkaEventLog({
    ...toKafka(config),
    clientId: 'reconciler',
    logger,
    metrics,
  });
  const publisher = log.publisher();
  const shared = {
    store,
    publisher,
    graphFor: graphs.graphFor,
    now,
    logger,
    newId: randomUUID,
    projectionLimitMs: PROJECTION_LIMIT_MS,
    settleMs: SETTLE_MS,
    caughtUp: createCaughtUp({ log, pause: (ms) => sleep(ms), now }),
    removalLimit: { least: config.REMOVALS_LEAST, percent: config.REMOVALS_PERCENT },
    holder: `reconciler-${randomUUID()}`,
    leaseMs: LEASE_MS,
    concurrency: CONCURRENCY,
  };
  const reconciler = createReconciler({
    ...shared,
    metrics: createSnapshotMetrics(metrics),
    periods: {
      usersEvery: config.USERS_EVERY,
      usersSecondRead: config.USERS_SECOND_READ,
      mfaEvery: config.MFA_EVERY,
      sweepMinInterval: config.SWEEP_MIN_INTERVAL,
    },
  });
  const sweeping = {
    ...shared,
    sweepMetrics: createSweepMetrics(metrics),
    usersDeltaEvery: config.USERS_DELTA_EVERY,
    groupDeltaEvery: config.GROUP_DELTA_EVERY,
    lostAfter: config.LOST_AFTER,
    handledUntil: async () => {
      const waiting = await log.oldestWaiting(PROJECTOR_GROUPS.notifications, ['notifications']);
      return new Date(now().getTime() - Math.max(0, ...waiting.map(({ ageMs }) => ageMs)));
    },
    periods: {
      usersDeltaEvery: config.USERS_DELTA_EVERY,
      groupDeltaEvery: config.GROUP_DELTA_EVERY,
      sweepMinInterval: config.SWEEP_MIN_INTERVAL,
    },
  };
  const sweeper = createSweeper({
    ...sweeping,
    askForFullRead: (integrationId, request) =>
      reconciler.request(integrationId, { kind: 'users', urgent: false, ...request }),
  });
  const people = createPersonReader(sweeping);
  return {
    parts: [
      { name: 'store', start: () => Promise.resolve(), stop: () => store.close() },
      { name: 'event-log', start: () => Promise.resolve(), stop: () => log.close() },
      topicsPart(log, logger),
      { name: 'publisher', start: publisher.start, stop: publisher.stop, state: publisher.state },
      runsPart('runs', reconciler),
      runsPart('sweeps', sweeper),
      runsPart('people', people),
      requestsPart({ log, groupId: 'muster.reconciler', reconciler, sweeper, people, publisher, logger, now, fail }),
      everyPart({ name: 'look-at-sweeps', everyMs: LOOK_EVERY_MS, run: sweeper.look, logger }),
      everyPart({ name: 'look-at-new', everyMs: LOOK_EVERY_MS, run: reconciler.lookAtNew, logger }),
      everyPart({ name: 'clear-away', everyMs: CLEAR_EVERY_MS, run: createClearAway({ store, logger, now }), logger }),
      schedulePart({ name: 'look-at-all', cron: '* * * * *', run: reconciler.lookAtAll, logger }),
    ],
    checks: [
      { name: 'store', check: () => store.ping().then(() => null) },
      { name: 'clock', check: graphs.checkClock },
    ],
  };
}

/** Stops behind the parts that begin runs, ahead of what runs need. */
const runsPart = (name: string, runs: Pick<Reconciler, 'stop'>): Part => ({
  name,
  start: () => Promise.resolve(),
  stop: runs.stop,
});
