import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IntegrationSettings, Observation, SnapshotKind, SnapshotRecord } from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import { createGraphFactory, type Graph, type TokenVault } from '@muster/graph-client';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { connectStore, type Store } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, patiently, testServers, toSettings } from '@muster/test-support';
import { createSnapshotMetrics } from '../../src/snapshot-metrics.js';
import type { SnapshotDeps } from '../../src/snapshot-run.js';
import { createSweepMetrics } from '../../src/sweep-metrics.js';
import { sweepOnce, type SweepOutcome } from '../../src/sweep-once.js';
import type { SweepDeps } from '../../src/sweep-run.js';
import { takeSnapshot } from '../../src/take-snapshot.js';
import { toDocument, toInsert } from './documents.js';
import { toObservations } from './memory-ports.js';
import { metrics } from './metrics.js';

const logger = createLogger({ service: 'reconciler-test', level: 'silent' });

export type SimulatedWorld = {
  simulator: Simulator;
  store: Store;
  deps: SnapshotDeps & SweepDeps;
  clock: { now: () => Date };
  addTenant: (plan?: Plan, settings?: Partial<IntegrationSettings>) => Promise<SimulatedTenant>;
  stop: () => Promise<void>;
};
type Plan = NonNullable<Parameters<Simulator['control']['createTenant']>[0]>;
export type SimulatedTenant = {
  settings: IntegrationSettings;
  groupId: string;
  nestedGroupIds: readonly string[];
  clientId: string;
  graph: Graph;
  credentials: { tenantId: string; clientId: string; clientSecret: string; graphUrl: string; loginUrl: string };
  /** From now on it is read on behalf of whoever consented. */
  actFor: (consent: TokenVault) => void;
  /** Ids of those who are in the group and there. */
  members: () => string[];
  /** In front of each page of people, 1 is the first of a read. */
  beforePage: (page: number) => void;
  observations: () => Observation[];
  /** People who were told as gone, or as out of the group. */
  removed: () => string[];
  /** Gives everybody who was told as in scope a document, as the projector would. */
  project: () => Promise<void>;
  read: (kind?: SnapshotKind, resume?: SnapshotRecord | null) => Promise<SnapshotRecord>;
  sweep: (kind: 'users' | 'group') => Promise<SweepOutcome>;
};

/** Graph is the simulator over https, MongoDB is real; what would go to Kafka is kept, and end marks are answered. */
export async function createSimulatedWorld(label: string): Promise<SimulatedWorld> {
  const { mongodbUri, tlsCertFile, tlsKeyFile } = testServers();
  const resources = createResources(label, mongodbUri);
  const store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger }));
  const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
  const simulator = await createSimulator({ tls, pagesPort: 0 });
  const origin = await simulator.start();
  const graphs = new Map<string, Graph>();
  const published: OutgoingEvent[] = [];
  const clock = { now: () => new Date() };
  const publish = async (events: readonly OutgoingEvent[]): Promise<void> => {
    published.push(...events);
    for (const { topic, value } of events) {
      const event = value as Observation;
      if (topic === 'observations' && event.type === 'snapshot-end')
        await store.snapshots.projected(event.snapshotId, event.partition, event.observedAt);
    }
  };
  const deps: SimulatedWorld['deps'] = {
    store,
    publisher: { publish },
    graphFor: ({ integrationId }) => graphs.get(integrationId)!,
    now: () => clock.now(),
    logger,
    metrics: createSnapshotMetrics(metrics),
    sweepMetrics: createSweepMetrics(metrics),
    newId: randomUUID,
    projectionLimitMs: 5_000,
    settleMs: 2_000,
    caughtUp: () => Promise.resolve(true),
    removalLimit: { least: 5, percent: 10 },
    usersDeltaEvery: 180_000,
    groupDeltaEvery: 15_000,
    lostAfter: 0,
    handledUntil: () => Promise.resolve(new Date()),
  };
  const signal = new AbortController().signal;
  // Nobody waits: the simulator's faults last as long as the test says.
  const pause = (): Promise<void> => Promise.resolve();
  return {
    simulator,
    store,
    deps,
    clock,
    addTenant: async (plan = {}, fields = {}) => {
      const { tenant } = simulator.control.createTenant({ disabled: 0, ...plan });
      const { tenantId, clientId, clientSecret, groupId } = tenant;
      const settings = toSettings({ tenantId, clientId, groupId, ...fields });
      const { integrationId } = settings;
      await store.integrations.insert(settings);
      // Of its own: a quarantine of one test is none of the next.
      const credentials = {
        tenantId,
        clientId,
        clientSecret: clientSecret ?? '',
        graphUrl: origin,
        loginUrl: origin,
      };
      const graph = createGraphFactory({ logger })(credentials);
      const told = (): Observation[] => toObservations(published).filter((one) => one.tenantId === tenantId);
      const added: SimulatedTenant = {
        settings,
        groupId,
        nestedGroupIds: tenant.nestedGroupIds,
        clientId,
        graph,
        credentials,
        actFor: (delegated) =>
          void graphs.set(integrationId, createGraphFactory({ logger })({ ...credentials, delegated })),
        beforePage: () => undefined,
        members: () =>
          simulator.control
            .truth(tenantId)
            .users.filter(({ inGroup, deletedDateTime }) => inGroup && deletedDateTime === null)
            .map(({ id }) => id),
        observations: told,
        removed: () =>
          told().flatMap((one) => {
            if (one.type === 'membership') return one.inGroup ? [] : [one.userId];
            return one.type === 'user' && (one.user === null || one.membership?.inGroup === false) ? [one.userId] : [];
          }),
        project: async () => {
          const writes = told().flatMap((one) =>
            one.type === 'user' && one.user && one.membership?.inGroup
              ? [toInsert(toDocument({ tenantId, user: one.user, groupPath: one.membership.groupPath }))]
              : [],
          );
          await store.users.write(writes);
        },
        read: async (kind = 'users', resume = null) => {
          await takeSnapshot(deps, { settings, kind, reason: 'test', resume, signal, pause });
          const last = await store.snapshots.last(integrationId, kind, ['running', 'published', 'complete', 'failed']);
          return last!;
        },
        sweep: (kind) => sweepOnce(deps, { settings, kind, signal, pause }),
      };
      graphs.set(
        integrationId,
        inSmallPages(graph, (page) => added.beforePage(page)),
      );
      return added;
    },
    stop: async () => {
      await simulator.stop();
      await store.close();
      await resources.remove();
    },
  };
}

const PAGE_SIZE = 50;

/** The same tenant in many pages, and a look in front of each. */
const inSmallPages = (graph: Graph, beforePage: (page: number) => void): Graph => ({
  ...graph,
  userPages: async function* (options = {}) {
    let page = 0;
    const reading = graph.userPages({ ...options, pageSize: PAGE_SIZE })[Symbol.asyncIterator]();
    for (;;) {
      beforePage((page += 1));
      const step = await reading.next();
      if (step.done) return;
      yield step.value;
    }
  },
});
