import { randomBytes, randomUUID } from 'node:crypto';
import {
  toKeyFingerprint,
  type IntegrationSettings,
  type SubscriptionRecord,
  type SweepRecord,
} from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import type { Graph } from '@muster/graph-client';
import type { GroupDocument } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { toSettings as toAnySettings } from '@muster/test-support';
import { createKeeper, type Keeper, type KeeperOptions } from '../../src/keep-subscribed.js';
import { createModelGraph } from './model-graph.js';

export const DAY = 86_400_000;
export const MINUTE = 60_000;
export const RECEIVER = 'https://receiver.example';

const logger = createLogger({ service: 'subscription-model', level: 'silent' });
/** Once: each registry watches the process, and goes on to. */
const metrics = createMetrics({ service: 'subscription-model' });

export const toSettings = (fields: Partial<IntegrationSettings> = {}): IntegrationSettings =>
  toAnySettings({
    features: { userSync: true, mfaVerification: false },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', startedAt: null },
    ...fields,
  });

/** A group of the tree; the path ends with it. */
export const toGroupDocument = (tenantId: string, groupPath: string[]): GroupDocument => ({
  tenantId,
  groupId: groupPath.at(-1) ?? '',
  displayName: null,
  groupPath,
  observedAt: '2026-01-01T00:00:00.000Z',
});

/** The keeper on ports in memory and a modelled Graph a tenant, under a clock that only the test moves. */
export function createWorld() {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const integrations = new Map<string, IntegrationSettings>();
  const records = new Map<string, SubscriptionRecord>();
  const leases = new Map<string, { holder: string; until: number }>();
  const graphs = new Map<string, ReturnType<typeof createModelGraph>>();
  const published: OutgoingEvent[] = [];
  const sweeps: SweepRecord[] = [];
  const trees = new Map<string, GroupDocument[]>();
  let keys = [randomBytes(32)];
  let dyingWrites = 0;
  const ended = new AbortController();
  /** The first load has seen the chosen group, and none in it. */
  const chosenOnly = (tenantId: string): GroupDocument[] => {
    const groupId = [...integrations.values()].find((one) => one.tenantId === tenantId)?.groupId;
    return groupId ? [toGroupDocument(tenantId, [groupId])] : [];
  };

  const store: KeeperOptions['store'] = {
    integrations: {
      all: () => Promise.resolve([...integrations.values()]),
      saved: () => Promise.reject(new Error('not used')),
      get: (id) => Promise.resolve(integrations.get(id) ?? null),
      insert: (settings) => Promise.resolve(void integrations.set(settings.integrationId, settings)),
      replace: (settings) => Promise.resolve(Boolean(integrations.set(settings.integrationId, settings))),
    },
    subscriptions: {
      all: () => Promise.resolve([...records.values()]),
      ofIntegration: (id) => Promise.resolve([...records.values()].filter((one) => one.integrationId === id)),
      save: (record, seen = {}) => {
        const key = `${record.integrationId}${record.resource}`;
        const held = records.get(key);
        if (dyingWrites > 0 && record.renewedAt !== null && record.renewedAt !== held?.renewedAt) {
          dyingWrites -= 1;
          return Promise.reject(new Error('killed'));
        }
        const { reauthoriseWantedAt, recreateWantedAt } = held ?? seen;
        if (held && (reauthoriseWantedAt !== seen.reauthoriseWantedAt || recreateWantedAt !== seen.recreateWantedAt))
          return Promise.resolve(held);
        records.set(key, record);
        return Promise.resolve(null);
      },
      want: (id, subscriptionId, wish) => {
        for (const [key, record] of records)
          if (record.integrationId === id && record.subscriptionId === subscriptionId)
            records.set(key, { ...record, ...wish });
        return Promise.resolve();
      },
      inventoried: (id, inventoriedAt) => {
        for (const [key, record] of records)
          if (record.integrationId === id) records.set(key, { ...record, inventoriedAt });
        return Promise.resolve();
      },
      remove: (id, resource) => Promise.resolve(void records.delete(`${id}${resource}`)),
    },
    coverage: {
      since: (id, since) => Promise.resolve(sweeps.filter((one) => one.integrationId === id && one.to >= since)),
    },
    groups: {
      ofTenant: (tenantId) => Promise.resolve(trees.get(tenantId) ?? chosenOnly(tenantId)),
      save: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    },
    leases: {
      acquire: (name, holder, forMs) => {
        const lease = leases.get(name);
        if (lease && lease.holder !== holder && lease.until > clock.now) return Promise.resolve(false);
        leases.set(name, { holder, until: clock.now + forMs });
        return Promise.resolve(true);
      },
      release: (name, holder) => {
        if (leases.get(name)?.holder === holder) leases.delete(name);
        return Promise.resolve();
      },
    },
  };
  const graphOf = (tenantId: string) => {
    const graph = graphs.get(tenantId) ?? createModelGraph(clock);
    graphs.set(tenantId, graph);
    return graph;
  };
  const publisher = { publish: (events: readonly OutgoingEvent[]) => Promise.resolve(void published.push(...events)) };
  return {
    clock,
    store,
    records,
    trees,
    sweeps,
    published,
    graphOf,
    signedWith: () => keys.map(toKeyFingerprint)[0],
    save: (settings: IntegrationSettings) => void integrations.set(settings.integrationId, settings),
    rotateKey: () => {
      keys = [randomBytes(32), ...keys];
    },
    /** So many records are not written behind a PATCH that went well, as of a service that is killed there. */
    dieBehindPatches: (writes: number) => {
      dyingWrites = writes;
    },
    /** A call that Graph never answers. */
    hang: () =>
      new Promise<never>((_resolve, reject) => {
        ended.signal.addEventListener('abort', () => reject(new Error('the test has ended')));
      }),
    /** Ends what hangs: a killed copy would renew its lease for ever, and its timer keep the process. */
    end: () => ended.abort(),
    /** A copy of the service; as after a start, it has seen nothing yet. */
    keeper: (options: Partial<KeeperOptions> = {}): Keeper =>
      createKeeper({
        store,
        publisher,
        graphFor: ({ tenantId }) => graphOf(tenantId).graph as Graph,
        clientStateKeys: keys,
        receiverUrl: RECEIVER,
        lifetimeMs: 28 * DAY,
        holder: randomUUID(),
        now: () => new Date(clock.now),
        logger,
        metrics,
        ...options,
      }),
  };
}
export type World = ReturnType<typeof createWorld>;
