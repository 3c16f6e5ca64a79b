import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IntegrationSettings } from '@muster/contracts';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { connectStore, createSealer, toSecretContext, type Store } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createResources, patiently, testServers } from '@muster/test-support';
import { createTenantGraphs } from '../src/index.js';

const at = '2026-01-01T00:00:00.000Z';

describe('the shares of the services in Graph’s limits', () => {
  const resources = createResources('shares', testServers().mongodbUri);
  const logger = createLogger({ service: 'tenant-access', level: 'silent' });
  const sealer = createSealer([randomBytes(32)]);
  let store: Store;
  let simulator: Simulator;
  let origin: string;
  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger }));
    resources.onRemove(() => store.close());
    simulator = await createSimulator({
      tls: { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') },
    });
    origin = await simulator.start();
  });
  after(async () => {
    await simulator.stop();
    await resources.remove();
  });

  function addIntegration(): IntegrationSettings {
    const { tenantId, clientId, clientSecret } = simulator.control.createTenant({ people: 1 }).tenant;
    const integrationId = randomUUID();
    const sealed = sealer.seal(clientSecret ?? '', toSecretContext(integrationId, 'a'));
    return {
      ...{ integrationId, name: 'A', tenantId, clientId, cloud: 'custom', groupId: null, includeGuests: true },
      ...{ features: { userSync: true, mfaVerification: true }, consent: 'application', state: 'active', revision: 1 },
      ...{ createdAt: at, updatedAt: at, startedAt: at },
      ...{ secrets: [{ slot: 'a', sealed, hint: '', expiresAt: at, addedAt: at }], certificate: null, activeSlot: 'a' },
    };
  }

  it('let the subscription service delete and create a handful behind a list, without a wait', async () => {
    const metrics = createMetrics({ service: 'tenant-access' });
    const custom = { graphUrl: origin, loginUrl: origin };
    const now = () => new Date();
    const graphs = createTenantGraphs({ service: 'subscription', store, sealer, custom, logger, metrics, now });
    const graph = graphs.graphFor(addIntegration());
    await graph.listSubscriptions();
    // Of one that is gone: costs what any does.
    for (let call = 0; call < 10; call += 1) await graph.deleteSubscription(randomUUID());
    const [, waited] = /^muster_graph_budget_wait_seconds_sum\{.*\} (.+)$/m.exec(await metrics.text()) ?? [];
    assert.ok(Number(waited) < 1, `${waited} s`);
  });
});
