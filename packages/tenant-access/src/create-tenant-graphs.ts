import { randomUUID } from 'node:crypto';
import type { IntegrationSettings } from '@muster/contracts';
import { createGraphFactory, type Graph } from '@muster/graph-client';
import type { LeasesStore, Sealer, SnapshotsStore, TenantHealthStore, TokenCachesStore } from '@muster/store';
import type { Logger, Metrics } from '@muster/telemetry';
import { openCredentials, type OpeningOptions } from './open-credentials.js';
import { createReportTurn } from './report-turn.js';
import { toTenantHealth } from './tenant-health.js';
import { createTenantSizes } from './tenant-sizes.js';
import { createTokenVault } from './token-vault.js';

export type MusterService = keyof typeof SHARES;

export type TenantGraphsOptions = Pick<OpeningOptions, 'custom'> & {
  service: MusterService;
  store: {
    tokenCaches: TokenCachesStore;
    leases: LeasesStore;
    tenantHealth: Pick<TenantHealthStore, 'save'>;
    snapshots: Pick<SnapshotsStore, 'last'>;
  };
  sealer: Pick<Sealer, 'seal' | 'open'>;
  logger: Logger;
  metrics: Metrics;
  now: () => Date;
};

export type TenantGraphs = {
  /**
   * The Graph of an integration: as the app itself, or on behalf of the admin who consented, as its settings say. Throws
   * what `openCredentials` throws. Ask at the moment of use: settings change.
   */
  graphFor: (settings: IntegrationSettings) => Graph;
  /**
   * The heartbeat of a delegated consent: refreshes its token when the end is near, and answers when it was refreshed
   * last, ms since epoch. Null = the app works as itself, or nobody consents any more.
   */
  keepTokenFresh: (settings: IntegrationSettings) => Promise<number | null>;
  /** For readiness: why the clock cannot be trusted, in words; null = it can. */
  checkClock: () => Promise<string | null>;
};

/**
 * What of Graph's limits for an app in a tenant each service may use. They sum to 0.85, since Graph refuses calls of low
 * priority from 0.9 on; several copies of one service find their pace by what Graph says of its limit.
 */
const SHARES = { projector: 0.35, reconciler: 0.4, subscription: 0.05, admin: 0.05 };
/**
 * A list of subscriptions (20 units) and the deletes and creates that follow it, at once: by its share (25 in 20 s) each
 * of them waited for 17 s behind a list. Two lists at once of the 25 that Graph allows; in a window that begins with it
 * all services together use 0.93 of the 500 units at most.
 */
const SUBSCRIPTION_BURSTS: Partial<Record<MusterService, number>> = { subscription: 40 };
/**
 * Ahead of everyone else's refresh (5 min), and long enough that each subscription can be bound to the new token before
 * the old one ends: a PATCH waits up to 10 min for the one before.
 */
const HEARTBEAT_BEFORE_END_MS = 15 * 60_000;
/** Beyond this `observedAt` of this machine and of others cannot be compared. */
const MOST_SKEW_MS = 5_000;

export function createTenantGraphs(options: TenantGraphsOptions): TenantGraphs {
  const { service, logger, metrics, store } = options;
  const holder = `${service}-${randomUUID()}`;
  /** Whose tenants' states are told under which integrations. */
  const integrations = new Map<string, string>();
  const graphs = new Map<string, Graph>();
  const sizeOf = createTenantSizes(store);
  const graphOf = createGraphFactory({
    logger,
    metrics,
    share: SHARES[service],
    subscriptionBurst: SUBSCRIPTION_BURSTS[service],
    reportTurn: ({ tenantId, clientId }) =>
      createReportTurn({ name: `${tenantId}/${clientId}`, leases: store.leases, holder }),
    onState: ({ tenantId, clientId }, state) => {
      const integrationId = integrations.get(`${tenantId}/${clientId}`);
      if (integrationId === undefined) return;
      store.tenantHealth.save(toTenantHealth({ integrationId, service, state })).catch((error: unknown) => {
        logger.warn({ err: error, integrationId }, 'state of a tenant not saved');
      });
    },
  });
  const graphFor = (settings: IntegrationSettings): Graph => {
    const { integrationId, tenantId, clientId, consent } = settings;
    integrations.set(`${tenantId}/${clientId}`, integrationId);
    const delegated = consent === 'delegated' ? createTokenVault(settings, { ...options, holder }) : undefined;
    const graph = graphOf({ ...openCredentials(settings, options), delegated, people: sizeOf(integrationId) });
    graphs.set(integrationId, graph);
    return graph;
  };
  return {
    graphFor,
    keepTokenFresh: async (settings) => {
      const { integrationId, consent } = settings;
      if (consent !== 'delegated') return null;
      const record = await store.tokenCaches.get(integrationId);
      if (!record || record.refused) return null;
      const left = Date.parse(record.expiresAt) - options.now().getTime();
      if (left > HEARTBEAT_BEFORE_END_MS) return Date.parse(record.refreshedAt);
      await graphFor(settings).signIn();
      const renewed = await store.tokenCaches.get(integrationId);
      return renewed && Date.parse(renewed.refreshedAt);
    },
    checkClock: () => Promise.resolve(toClockReason([...graphs.values()], options.now())),
  };
}

/** The worst of what the tenants' answers of late say: one that answers no more would keep an old skew for ever. */
export function toClockReason(graphs: readonly Pick<Graph, 'clockSkewMs'>[], now: Date): string | null {
  const skewsMs = graphs.map((graph) => graph.clockSkewMs(now) ?? 0);
  const worst = skewsMs.reduce((most, skew) => (Math.abs(skew) > Math.abs(most) ? skew : most), 0);
  if (Math.abs(worst) <= MOST_SKEW_MS) return null;
  const seconds = (Math.abs(worst) / 1_000).toFixed(1);
  return `this machine's clock is ${seconds} s ${worst > 0 ? 'ahead of' : 'behind'} Microsoft Graph's; set it by NTP`;
}
