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
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger, Metrics } from '@muster/telemetry';
import { applyAction, type ApplyContext } from './apply-action.js';
import { mayPatch, planSubscriptions, type Action, type Listed } from './domain/plan-subscriptions.js';
import { toWatches } from './domain/watches.js';

export type KeeperOptions = {
  store: Pick<Store, 'integrations' | 'subscriptions' | 'leases'>;
  publisher: Pick<Publisher, 'publish'>;
  graphFor: (settings: IntegrationSettings) => Graph;
  clientStateKeys: readonly Buffer[];
  receiverUrl: string;
  lifetimeMs: number;
  holder: string;
  now: Now;
  logger: Logger;
  metrics: Metrics;
};
export type Keeper = {
  /** Everything that is due, of every integration. `inventory` also asks Graph for its list. */
  lookAtAll: (options?: { inventory?: boolean }) => Promise<void>;
  /** Integrations that were started, changed or removed since the last look. */
  lookAtNew: () => Promise<void>;
  onLifecycle: (event: LifecycleEvent) => Promise<void>;
};

/** A tenant whose sign-in hangs holds one of these; the others go on. */
const CONCURRENCY = 16;
/** Longer than one integration's work can take; released when it is done. */
const LEASE_MS = 120_000;

export function createKeeper(options: KeeperOptions): Keeper {
  const { store, logger, metrics } = options;
  const actions = metrics.counter('muster_subscription_actions_total', 'Calls to Graph.', ['kind', 'outcome']);
  const seen = new Map<string, number>();

  /** Under a lease, so that any number of copies do the work once. */
  const keep = async (
    settings: IntegrationSettings,
    plan: (keeping: Keeping) => Promise<Action[]>,
  ): Promise<boolean> => {
    const lease = `subscription/${settings.integrationId}`;
    if (!(await store.leases.acquire(lease, options.holder, LEASE_MS))) return false;
    try {
      const keeping = await openIntegration(options, settings);
      for (const action of await plan(keeping)) {
        const outcome = await carryOut(options, keeping, action);
        actions.inc({ kind: action.kind, outcome });
      }
      return true;
    } finally {
      await store.leases.release(lease, options.holder);
    }
  };

  const keepEach = (list: readonly IntegrationSettings[], inventory: boolean): Promise<void> =>
    forEach(list, CONCURRENCY, async (settings) => {
      try {
        const kept = await keep(settings, async (keeping) => planDue(options, keeping, inventory));
        if (kept) seen.set(settings.integrationId, settings.revision);
      } catch (error) {
        logger.error({ err: error, integrationId: settings.integrationId }, 'subscriptions not looked after');
      }
    });

  return {
    lookAtAll: async ({ inventory = false } = {}) => keepEach(await store.integrations.all(), inventory),
    lookAtNew: async () => {
      const all = await store.integrations.all();
      await keepEach(
        all.filter(({ integrationId, revision }) => seen.get(integrationId) !== revision),
        false,
      );
    },
    onLifecycle: async (event) => {
      const settings = await store.integrations.get(event.integrationId);
      if (!settings) return;
      const kept = await keep(settings, (keeping) => Promise.resolve(planLifecycle(options, keeping, event)));
      if (!kept) throw new Failure('lease.busy', 'another copy looks after this integration', { retryable: true });
    },
  };
}

type Keeping = { settings: IntegrationSettings; records: SubscriptionRecord[]; context: ApplyContext };

async function openIntegration(options: KeeperOptions, settings: IntegrationSettings): Promise<Keeping> {
  const { store, graphFor, clientStateKeys, receiverUrl, lifetimeMs, now } = options;
  const [key] = clientStateKeys;
  if (!key) throw new RangeError('CLIENT_STATE_KEYS is empty');
  const records = await store.subscriptions.ofIntegration(settings.integrationId);
  // The secret is opened when a call needs it: a secret that cannot be opened must not hide the records.
  const graph: ApplyContext['graph'] = {
    createSubscription: async (wanted) => graphFor(settings).createSubscription(wanted),
    renewSubscription: async (id, expiresAt) => graphFor(settings).renewSubscription(id, expiresAt),
    deleteSubscription: async (id) => graphFor(settings).deleteSubscription(id),
    listSubscriptions: async () => graphFor(settings).listSubscriptions(),
  };
  const context = {
    settings,
    graph,
    now,
    lifetimeMs,
    notificationUrl: `${receiverUrl}/graph/notifications`,
    lifecycleNotificationUrl: `${receiverUrl}/graph/lifecycle`,
    signedWith: toKeyFingerprint(key),
    signClientState: () => signClientState(settings, clientStateKeys),
  };
  return { settings, records, context };
}

async function planDue({ now, logger }: KeeperOptions, keeping: Keeping, inventory: boolean): Promise<Action[]> {
  const { settings, records, context } = keeping;
  const wanted = toWatches(settings);
  let listed: Listed[] | null = null;
  if (inventory && records.some(({ status }) => status === 'live'))
    listed = await context.graph.listSubscriptions().catch((error: unknown) => {
      logger.warn({ err: error, integrationId: settings.integrationId }, 'subscriptions not listed');
      return null;
    });
  return planSubscriptions({ wanted, recorded: records, listed, now: now().getTime(), ours: context });
}

/** One PATCH renews and reauthorises. A removed one is created anew; whatever is unknown is left alone. */
function planLifecycle(
  { now, logger }: KeeperOptions,
  { records, settings }: Keeping,
  event: LifecycleEvent,
): Action[] {
  const { subscriptionId, lifecycleEvent } = event;
  logger.info({ integrationId: settings.integrationId, subscriptionId, lifecycleEvent }, 'lifecycle notification');
  const record = records.find((candidate) => candidate.subscriptionId === subscriptionId);
  if (!record || toWatches(settings).every(({ resource }) => resource !== record.resource)) return [];
  const watch = { entity: record.entity, resource: record.resource };
  if (lifecycleEvent === 'subscriptionRemoved')
    return [{ kind: 'create', watch, replaces: null, reason: lifecycleEvent }];
  if (lifecycleEvent !== 'reauthorizationRequired' || !mayPatch(record, now().getTime())) return [];
  return [{ kind: 'renew', record, subscriptionId, reason: lifecycleEvent }];
}

async function carryOut(
  options: KeeperOptions,
  { settings, records, context }: Keeping,
  action: Action,
): Promise<string> {
  const { store, publisher, logger, now } = options;
  const { integrationId, tenantId } = settings;
  const resource = action.kind === 'create' ? action.watch.resource : action.record.resource;
  const known = records.find((record) => record.resource === resource);
  const { record, gap } = await applyAction(action, known, context);
  if (record) await store.subscriptions.save(record);
  else await store.subscriptions.remove(integrationId, resource);
  const failure = record?.failure ?? null;
  const facts = { integrationId, resource, kind: action.kind, subscriptionId: record?.subscriptionId, failure };
  if (failure) logger.warn(facts, 'subscription action failed');
  else logger.info(facts, 'subscription action done');
  if (gap !== null) {
    const request = { version: 1, type: 'sweep', integrationId, tenantId, reason: gap, requestedBy: 'subscription' };
    const value = { ...request, requestedAt: now().toISOString() };
    await publisher.publish([{ topic: 'requests', key: tenantId, value }]);
  }
  return failure?.code ?? 'done';
}

/** At most `limit` at once, each in its own time. */
async function forEach<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
