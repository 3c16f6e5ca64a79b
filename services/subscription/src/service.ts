import { randomUUID } from 'node:crypto';
import { toKafka } from '@muster/config';
import { createKafkaEventLog, topicsPart } from '@muster/event-log';
import { everyPart, schedulePart, type ServiceContext, type ServiceDefinition } from '@muster/runtime';
import { connectStore, createIntegrationsView, createSealer } from '@muster/store';
import { createTenantGraphs } from '@muster/tenant-access';
import type { Config } from './config.js';
import { createKeeper } from './keep-subscribed.js';
import { lifecyclePart } from './lifecycle-part.js';
import { createCanary } from './send-canary.js';

/** How soon a newly started, changed or removed integration is noticed. */
const LOOK_EVERY_MS = 1_000;

export async function createService(context: ServiceContext<Config>): Promise<ServiceDefinition> {
  const { config, logger, metrics, now } = context;
  const connected = await connectStore({ uri: config.MONGODB_URI.reveal(), logger, onExhausted: context.fail });
  const all = createIntegrationsView(connected.integrations);
  const store = { ...connected, integrations: { ...connected.integrations, all } };
  const graphs = createTenantGraphs({
    service: 'subscription',
    store,
    sealer: createSealer(config.MUSTER_KEYS.reveal()),
    custom: { graphUrl: config.GRAPH_URL, loginUrl: config.LOGIN_URL },
    logger,
    metrics,
    now,
  });
  const log = createKafkaEventLog({ ...toKafka(config), clientId: 'muster.subscription', logger, metrics });
  const publisher = log.publisher();
  const shared = {
    holder: `subscription-${randomUUID()}`,
    clientStateKeys: config.CLIENT_STATE_KEYS.reveal(),
    receiverUrl: config.PUBLIC_RECEIVER_URL,
    now,
    logger,
    metrics,
  };
  const lifetimeMs = config.SUBSCRIPTION_LIFETIME;
  const keeper = createKeeper({
    ...shared,
    store,
    publisher,
    graphFor: graphs.graphFor,
    tokenSince: graphs.keepTokenFresh,
    lifetimeMs,
  });
  const canary = createCanary({ ...shared, leases: store.leases, everyMs: config.CANARY_EVERY });
  const inventory = (): Promise<void> => keeper.lookAtAll({ inventory: true });
  return {
    parts: [
      { name: 'store', start: () => Promise.resolve(), stop: () => store.close() },
      { name: 'event-log', start: () => Promise.resolve(), stop: () => log.close() },
      topicsPart(log, logger),
      { name: 'publisher', start: publisher.start, stop: publisher.stop, state: publisher.state },
      // Stops behind the parts that begin looks, ahead of what looks need.
      { name: 'looks', start: () => Promise.resolve(), stop: keeper.stop },
      lifecyclePart({ log, publisher, keeper, logger, now, fail: context.fail }),
      everyPart({ name: 'inventory', everyMs: config.INVENTORY_EVERY, jitterMs: 5_000, run: inventory, logger }),
      everyPart({ name: 'look-at-new', everyMs: LOOK_EVERY_MS, run: keeper.lookAtNew, logger }),
      schedulePart({ name: 'anything-due', cron: '* * * * *', run: () => keeper.lookAtAll(), logger }),
      everyPart({ name: 'canary', everyMs: config.CANARY_EVERY, run: canary, logger }),
    ],
    checks: [
      { name: 'store', check: () => store.ping().then(() => null) },
      { name: 'clock', check: graphs.checkClock },
    ],
  };
}
