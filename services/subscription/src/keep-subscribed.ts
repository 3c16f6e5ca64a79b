import { setTimeout as sleep } from 'node:timers/promises';
import {
  Failure,
  signClientState,
  toKeyFingerprint,
  type IntegrationSettings,
  type LifecycleEvent,
  type SubscriptionRecord,
} from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Graph } from '@muster/graph-client';
import { toBackoffMs, type Now } from '@muster/runtime';
import { holdLease, type Store } from '@muster/store';
import type { Logger, Metrics } from '@muster/telemetry';
import pLimit from 'p-limit';
import { applyAction, toUnsweptRecord, type Applied, type ApplyContext } from './apply-action.js';
import { mayReauthorise, toRetryAt, type Action } from './domain/plan-subscriptions.js';
import { withEvent } from './domain/subscription-events.js';
import { keepWish, saveBesideWishes } from './keep-wishes.js';
import { isAnythingDue, planDue, type Planned } from './plan-due.js';
import { readWanted, type Wanted } from './read-wanted.js';
import { createTakeBeside } from './take-beside.js';
import type { InventoryGraph } from './take-inventory.js';

export type KeeperOptions = {
  store: Pick<Store, 'integrations' | 'subscriptions' | 'leases' | 'groups'> & {
    coverage: Pick<Store['coverage'], 'since'>;
  };
  publisher: Pick<Publisher, 'publish'>;
  graphFor: (settings: IntegrationSettings) => Graph;
  /** Keeps the token of a delegated consent fresh; when it was refreshed last, null = the app works as itself. */
  tokenSince?: (settings: IntegrationSettings) => Promise<number | null>;
  clientStateKeys: readonly Buffer[];
  receiverUrl: string;
  lifetimeMs: number;
  holder: string;
  now: Now;
  logger: Logger;
  metrics: Metrics;
  /** How long a look waits for one integration, whose work goes on by itself. Default 2 s. */
  patienceMs?: number;
  /** The same for a lifecycle notification. Default 5 s. */
  eventPatienceMs?: number;
  /** Default 30 s. */
  leaseMs?: number;
};
export type Keeper = {
  /** Everything that is due, of every integration. `inventory` also asks Graph for its list. */
  lookAtAll: (options?: { inventory?: boolean }) => Promise<void>;
  /** Integrations that were started, changed or removed since the last look, or failed and may be tried again. */
  lookAtNew: () => Promise<void>;
  /** Rejects where it is to be tried again; one that takes long, for Graph hangs or another look is under way, goes on by itself. */
  onLifecycle: (event: LifecycleEvent) => Promise<void>;
  /** Waits for what is under way; call it when nothing begins any more. */
  stop: () => Promise<void>;
};

const PATIENCE_MS = 2_000;
const EVENT_PATIENCE_MS = 5_000;
/** Integrations begun at once. */
const CONCURRENCY = 16;
/** Kept while an integration is worked at; so long after a crash another copy takes over. */
const LEASE_MS = 30_000;
/** How soon the groups nested in a newly chosen one are looked for again: a first load is mostly a matter of seconds. */
const TREE_PAUSE = { baseMs: 500, capMs: 5_000 };

export function createKeeper(options: KeeperOptions): Keeper {
  const { store, logger, metrics, patienceMs = PATIENCE_MS, leaseMs = LEASE_MS } = options;
  const counter = metrics.counter('muster_subscription_actions_total', 'Calls to Graph.', ['kind', 'outcome']);
  const seen = new Map<string, Look>();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const { eventPatienceMs = EVENT_PATIENCE_MS } = options;
  const beside = createTakeBeside({ patienceMs: eventPatienceMs, signal: stopping.signal, logger });

  /** Under a lease, so that any number of copies do the work once. Null = somebody else is at it, or took it over. */
  const keep = async (integrationId: string, plan: Plan): Promise<Look | null> => {
    let look: Look | null = null;
    const lease = {
      leases: store.leases,
      name: `subscription/${integrationId}`,
      holder: options.holder,
      forMs: leaseMs,
      signal: new AbortController().signal,
    };
    await holdLease(lease, async (lost) => {
      look = await work(integrationId, { plan, lost });
    });
    return look;
  };

  const work = async (
    integrationId: string,
    { plan, lost }: { plan: Plan; lost: AbortSignal },
  ): Promise<Look | null> => {
    // Read under the lease: an older view would bring back what was removed.
    const settings = await store.integrations.get(integrationId);
    if (!settings) return { revision: 0, nextAt: Infinity, treeLooks: 0 };
    const keeping = await openIntegration(options, settings);
    const after = new Map(keeping.records.map((record) => [record.resource, record]));
    const { actions, inventoriedAt } = await plan(keeping);
    for (const action of actions) {
      // Whoever has the lease now does the rest; twice would be two subscriptions of one.
      if (lost.aborted) return null;
      const { resource, record } = await carryOut(options, keeping, action);
      counter.inc({ kind: action.kind, outcome: record?.failure?.code ?? 'done' });
      if (record) after.set(resource, record);
      else after.delete(resource);
    }
    // Behind what the list asked for: a stop in between makes the inventory again.
    if (inventoriedAt !== undefined) await store.subscriptions.inventoried(integrationId, inventoriedAt);
    const retries = [...after.values()].map((record) => toRetryAt(record, options.now().getTime()) ?? Infinity);
    const before = seen.get(integrationId);
    const treeLooks = keeping.isTreeKnown ? 0 : 1 + (before?.revision === settings.revision ? before.treeLooks : 0);
    const treeAt = keeping.isTreeKnown ? Infinity : options.now().getTime() + toBackoffMs(treeLooks, TREE_PAUSE, 1);
    return { revision: settings.revision, nextAt: Math.min(...retries, treeAt), treeLooks };
  };

  const keepOne = async (integrationId: string, inventory: boolean): Promise<void> => {
    try {
      const look = await keep(integrationId, (keeping) => planDue(options, { ...keeping, inventory }));
      if (look) seen.set(integrationId, look);
    } catch (error) {
      logger.error({ err: error, integrationId }, 'subscriptions not looked after');
    }
  };
  /** A tenant that hangs is left to itself after a while: it never delays another. Its lease keeps looks away from it. */
  const keepEach = async (list: readonly IntegrationSettings[], inventory: boolean): Promise<void> => {
    await pLimit(CONCURRENCY).map(list, async ({ integrationId }) => {
      const work = keepOne(integrationId, inventory).finally(() => underWay.delete(work));
      underWay.add(work);
      const patience = new AbortController();
      await Promise.race([work, sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
      patience.abort();
    });
  };
  const isNew = ({ integrationId, revision }: IntegrationSettings): boolean => {
    const look = seen.get(integrationId);
    return look?.revision !== revision || look.nextAt <= options.now().getTime();
  };

  const withWork = async (all: readonly IntegrationSettings[]): Promise<IntegrationSettings[]> => {
    const recorded = groupByIntegration(await store.subscriptions.all());
    const hasWork = async (settings: IntegrationSettings): Promise<boolean> =>
      isNew(settings) || hasSomethingDue(options, settings, recorded.get(settings.integrationId) ?? []);
    // Whoever cannot be asked about is looked at, where a failure is told and is nobody else's.
    const are = await pLimit(CONCURRENCY).map(all, (one) => hasWork(one).catch(() => true));
    return all.filter((_, index) => are[index]);
  };

  return {
    lookAtAll: async ({ inventory = false } = {}) => {
      const all = await store.integrations.all();
      await keepEach(inventory ? all : await withWork(all), inventory);
    },
    lookAtNew: async () => keepEach((await store.integrations.all()).filter(isNew), false),
    onLifecycle: async (event) => {
      if (!(await store.integrations.get(event.integrationId))) return;
      await keepWish(store.subscriptions, event, options.now().getTime());
      await beside.take(event.integrationId, async () => {
        const look = await keep(event.integrationId, (keeping) => ({
          actions: planLifecycle(options, keeping, event),
        }));
        if (!look)
          throw new Failure('lease.busy', 'another look at this integration is under way', { retryable: true });
      });
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([...underWay, beside.idle()]);
    },
  };
}

/**
 * What a look saw, when a failed subscription may be tried again (ms since epoch; Infinity = none failed), and how many
 * looks in a row did not know the groups nested in the chosen one.
 */
type Look = { revision: number; nextAt: number; treeLooks: number };
type Plan = (keeping: Keeping) => Promise<Planned> | Planned;
type KeptGraph = ApplyContext['graph'] & InventoryGraph;
type Keeping = Wanted & {
  settings: IntegrationSettings;
  records: SubscriptionRecord[];
  graph: KeptGraph;
  context: Omit<ApplyContext, 'intend'>;
};

/** What a subscription of ours looks like today. */
function toOurs({ clientStateKeys, receiverUrl }: KeeperOptions) {
  const [key] = clientStateKeys;
  if (!key) throw new RangeError('CLIENT_STATE_KEYS is empty');
  return { notificationUrl: `${receiverUrl}/graph/notifications`, signedWith: toKeyFingerprint(key) };
}

function groupByIntegration(records: readonly SubscriptionRecord[]): Map<string, SubscriptionRecord[]> {
  const groups = new Map<string, SubscriptionRecord[]>();
  for (const record of records) {
    const group = groups.get(record.integrationId);
    if (group) group.push(record);
    else groups.set(record.integrationId, [record]);
  }
  return groups;
}

async function hasSomethingDue(
  options: KeeperOptions,
  settings: IntegrationSettings,
  records: readonly SubscriptionRecord[],
): Promise<boolean> {
  const { wanted, isTreeKnown } = await readWanted(options.store, settings, records);
  return !isTreeKnown || isAnythingDue(options, { settings, wanted, records, context: toOurs(options) });
}

async function openIntegration(options: KeeperOptions, settings: IntegrationSettings): Promise<Keeping> {
  const { store, graphFor, clientStateKeys, receiverUrl, lifetimeMs, now } = options;
  const ours = toOurs(options);
  const records = await store.subscriptions.ofIntegration(settings.integrationId);
  const { wanted, isTreeKnown } = await readWanted(store, settings, records);
  // The secret is opened when a call needs it: a secret that cannot be opened must not hide the records.
  const graph: KeptGraph = {
    createSubscription: async (wanted) => graphFor(settings).createSubscription(wanted),
    renewSubscription: async (id, expiresAt) => graphFor(settings).renewSubscription(id, expiresAt),
    deleteSubscription: async (id) => graphFor(settings).deleteSubscription(id),
    readSubscription: async (id) => graphFor(settings).readSubscription(id),
    listSubscriptions: async () => graphFor(settings).listSubscriptions(),
  };
  const context = {
    settings,
    graph,
    now,
    lifetimeMs,
    ...ours,
    lifecycleNotificationUrl: `${receiverUrl}/graph/lifecycle`,
    signClientState: () => signClientState(settings, clientStateKeys),
  };
  return { settings, wanted, records, graph, context, isTreeKnown };
}

/** One PATCH renews and reauthorises. A removed one is created anew; whatever is unknown is left alone. */
function planLifecycle(
  { now, logger }: KeeperOptions,
  { records, settings, wanted }: Keeping,
  event: LifecycleEvent,
): Action[] {
  const { subscriptionId, lifecycleEvent } = event;
  logger.info({ integrationId: settings.integrationId, subscriptionId, lifecycleEvent }, 'lifecycle notification');
  const record = records.find((candidate) => candidate.subscriptionId === subscriptionId);
  if (!record || wanted.every(({ resource }) => resource !== record.resource)) return [];
  const watch = { entity: record.entity, resource: record.resource };
  if (lifecycleEvent === 'subscriptionRemoved')
    return [{ kind: 'create', watch, replaces: null, reason: lifecycleEvent }];
  if (lifecycleEvent !== 'reauthorizationRequired') return [];
  if (!mayReauthorise(record, now().getTime(), Date.parse(settings.updatedAt))) return [];
  return [{ kind: 'renew', record, subscriptionId, reason: lifecycleEvent }];
}

async function carryOut(options: KeeperOptions, keeping: Keeping, action: Action) {
  const { store, logger } = options;
  const { integrationId } = keeping.settings;
  const resource = action.kind === 'create' ? action.watch.resource : action.record.resource;
  const known = keeping.records.find((record) => record.resource === resource);
  const intend = (record: SubscriptionRecord): Promise<void> => saveBesideWishes(store.subscriptions, record, known);
  const applied = await applyAction(action, known, { ...keeping.context, intend });
  // Before it is recorded: a stop in between may ask twice, never not at all.
  const asked = await askForSweep(options, { keeping, known, applied });
  const record = asked && withEvent(asked, { before: known?.events, action, at: options.now() });
  if (record) await saveBesideWishes(store.subscriptions, record, known);
  else await store.subscriptions.remove(integrationId, resource);
  const failure = record?.failure ?? null;
  const facts = { integrationId, resource, kind: action.kind, subscriptionId: record?.subscriptionId, failure };
  if (failure) logger.warn({ ...facts, err: applied.error }, 'subscription action failed');
  else logger.info(facts, 'subscription action done');
  return { resource, record };
}

type Asking = { keeping: Keeping; known: SubscriptionRecord | undefined; applied: Applied };

async function askForSweep(
  { publisher, now }: KeeperOptions,
  { keeping, known, applied: { record, gap } }: Asking,
): Promise<SubscriptionRecord | null> {
  if (gap === null || !record) return record;
  const { integrationId, tenantId } = keeping.settings;
  const request = { version: 1, type: 'sweep', integrationId, tenantId, reason: gap, requestedBy: 'subscription' };
  const value = { ...request, requestedAt: now().toISOString() };
  try {
    await publisher.publish([{ topic: 'requests', key: tenantId, value }]);
    return record;
  } catch (error) {
    return toUnsweptRecord({ record, known, error, at: now() });
  }
}
