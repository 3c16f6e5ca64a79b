import { randomBytes, randomUUID } from 'node:crypto';
import type { IntegrationSettings } from '@muster/contracts';
import { createKafkaEventLog } from '@muster/event-log';
import { createGraphFactory, type Graph } from '@muster/graph-client';
import type { Simulator } from '@muster/graph-simulator';
import { connectStore, createSealer, openActiveProof, toSecretContext } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { patiently, toSettings } from '@muster/test-support';
import { createKeeper } from '../../src/keep-subscribed.js';

const DAY = 86_400_000;

export type RealWorldOptions = {
  brokers: string[];
  mongodbUri: string;
  prefix: string;
  onRemove: (removal: () => Promise<unknown>) => void;
  simulator: Simulator;
  graphUrl: string;
  receiverUrl: string;
  keys: Buffer[];
};
export type Tenant = { settings: IntegrationSettings };
export type NewTenant = { clientSecret?: string; permissions?: string[] };
type Call = { kind: 'create' | 'renew' | 'delete' | 'list'; tenantId: string };

/** Keepers on real servers, with settings and secrets as the admin service stores them. */
export async function createRealWorld(options: RealWorldOptions) {
  const { brokers, mongodbUri, prefix, onRemove, simulator, graphUrl, receiverUrl, keys } = options;
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'subscription', level: 'trace', destination });
  const store = await patiently(() => connectStore({ uri: mongodbUri, logger }));
  onRemove(() => store.close());
  const log = createKafkaEventLog({ brokers, clientId: 'subscription-test', topicPrefix: prefix, logger });
  onRemove(() => log.close());
  await patiently(log.ensureTopics);
  const publisher = log.publisher();
  await publisher.start();
  onRemove(() => publisher.stop());
  const sealer = createSealer([randomBytes(32)]);
  const connect = createGraphFactory({ logger });
  const graphFor = (settings: IntegrationSettings): Graph => {
    const { tenantId, clientId } = settings;
    return connect({ tenantId, clientId, ...openActiveProof(settings, sealer), graphUrl, loginUrl: graphUrl });
  };

  return {
    store,
    log,
    graphFor,
    /** Everything that was logged so far. */
    logged: () => lines.join(''),
    /** A copy of the service; `aheadMs` later than now. `dies`: it writes nothing behind a PATCH. */
    createCopy: ({ aheadMs = 0, dies = false } = {}) => {
      const calls: Call[] = [];
      const save: typeof store.subscriptions.save = async (record, seen) => {
        if (dies && calls.some(({ kind }) => kind === 'renew')) throw new Error('killed');
        return store.subscriptions.save(record, seen);
      };
      const noting = (settings: IntegrationSettings): Graph => {
        const graph = graphFor(settings);
        const note = (kind: Call['kind']) => void calls.push({ kind, tenantId: settings.tenantId });
        return {
          ...graph,
          createSubscription: (wanted) => (note('create'), graph.createSubscription(wanted)),
          renewSubscription: (id, expiresAt) => (note('renew'), graph.renewSubscription(id, expiresAt)),
          deleteSubscription: (id) => (note('delete'), graph.deleteSubscription(id)),
          listSubscriptions: () => (note('list'), graph.listSubscriptions()),
        };
      };
      const keeper = createKeeper({
        store: { ...store, subscriptions: { ...store.subscriptions, save } },
        publisher,
        graphFor: noting,
        clientStateKeys: keys,
        receiverUrl,
        lifetimeMs: 28 * DAY,
        holder: `subscription-${randomUUID()}`,
        now: () => new Date(Date.now() + aheadMs),
        logger,
        metrics: createMetrics({ service: 'subscription' }),
      });
      return { keeper, calls };
    },
    addTenant: async ({ clientSecret, permissions }: NewTenant = {}): Promise<Tenant> => {
      const { tenant } = simulator.control.createTenant({ people: 3, ...(permissions && { permissions }) });
      const integrationId = randomUUID();
      const secret = clientSecret ?? tenant.clientSecret ?? '';
      const sealed = sealer.seal(secret, toSecretContext(integrationId, 'a'));
      const at = new Date().toISOString();
      const expiresAt = tenant.secretExpiresAt ?? at;
      const { tenantId, clientId, groupId } = tenant;
      const settings = toSettings({
        ...{ integrationId, tenantId, clientId, groupId, activeSlot: 'a' },
        secrets: [
          { slot: 'a', sealed, hint: secret.slice(-4), expiresAt: new Date(expiresAt).toISOString(), addedAt: at },
        ],
      });
      await store.integrations.insert(settings);
      return { settings };
    },
    change: async (tenant: Tenant, fields: Partial<IntegrationSettings>): Promise<void> => {
      const { revision } = tenant.settings;
      tenant.settings = { ...tenant.settings, ...fields, revision: revision + 1 };
      if (!(await store.integrations.replace(tenant.settings, revision))) throw new Error('somebody saved in between');
    },
  };
}
export type RealWorld = Awaited<ReturnType<typeof createRealWorld>>;
