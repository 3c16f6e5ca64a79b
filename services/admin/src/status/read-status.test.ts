import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { LAG_BOUNDS_MS, LAG_STEPS } from '@muster/contracts';
import type { Sealer, Store } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { toSettings } from '@muster/test-support';
import { createAlertMetrics } from '../alerts/alert-metrics.js';
import { createAlertWatch } from '../alerts/watch-alerts.js';
import type { Principal } from '../keys/principal.js';
import { createStatusReader } from './read-status.js';

const INTEGRATIONS = 200;
const ago = '2026-01-01T11:00:00.000Z';
const settings = Array.from({ length: INTEGRATIONS }, (_, index) =>
  toSettings({
    ...{ integrationId: `i${index}`, name: 'A', tenantId: `t${index}`, clientId: 'c', cloud: 'global' },
    ...{ createdAt: ago, updatedAt: ago, startedAt: ago },
  }),
);
const OPERATOR = { role: 'operator', integrationId: null } as Principal;

/** A database whose every command takes a turn; counts what is asked of it, and how much of it at once. */
function createCountingStore({ late = 0 } = {}) {
  const asked: Record<string, number> = {};
  let atOnce = 0;
  let most = 0;
  const answer =
    <T>(name: string, value: T) =>
    async (): Promise<T> => {
      asked[name] = (asked[name] ?? 0) + 1;
      most = Math.max(most, ++atOnce);
      await turn();
      atOnce -= 1;
      return value;
    };
  const none = LAG_BOUNDS_MS.map(() => 0);
  const lag = Object.fromEntries(LAG_STEPS.map((step) => [step, [...none, step === 'ours' ? late : 0]]));
  const store = {
    integrations: { all: answer('integrations', settings) },
    subscriptions: { ofIntegration: answer('subscriptions', []) },
    snapshots: { newest: answer('snapshots', []) },
    cursors: { ofIntegration: answer('cursors', []) },
    coverage: { since: answer('coverage', []) },
    plans: { count: answer('plans', 0) },
    announced: { oldest: answer('announced', null) },
    tenantHealth: { ofIntegration: answer('tenantHealth', []) },
    users: { count: answer('users', 3) },
    mfa: { countByState: answer('mfa', { capable: 0, registered: 0, 'not-registered': 0, unknown: 0 }) },
    replays: { count: answer('replays', 0) },
    lag: { canaries: answer('canaries', []), sum: answer('lag', lag) },
    leases: { acquire: answer('leases', true) },
    audit: { page: answer('audit', []) },
    alertTargets: { get: answer('alertTargets', null) },
    alerts: {
      ...{ all: answer('alerts', []), save: answer('saved', undefined), remove: answer('removed', undefined) },
      looked: answer('looked', undefined),
    },
  } as unknown as Store;
  return { store, asked, most: () => most };
}

const eventLog = { lag: () => Promise.resolve([]), oldestWaiting: () => Promise.resolve([]) };

describe('status of hundreds of integrations', () => {
  it('is read of a few at a time, so that the pipeline comes to the database between', async () => {
    const { store, most } = createCountingStore();
    const { readStatus } = createStatusReader({ store, eventLog, now: () => new Date() });
    const { integrations } = await readStatus(OPERATOR);
    assert.equal(integrations.length, INTEGRATIONS);
    assert.equal(integrations.at(-1)?.people.total, 6);
    assert.ok(most() <= 60, `${most()} commands at once`);
  });

  it('counts nobody for those who only ask how things stand, as alerts do', async () => {
    const { store, asked } = createCountingStore();
    const { readCondition } = createStatusReader({ store, eventLog, now: () => new Date() });
    assert.equal((await readCondition(OPERATOR)).integrations.length, INTEGRATIONS);
    assert.deepEqual([asked['users'], asked['mfa']], [undefined, undefined]);
  });

  it('is read for alerts a few at a time, too, when everything is late', async () => {
    const { store, asked, most } = createCountingStore({ late: 500 });
    const { readCondition } = createStatusReader({ store, eventLog, now: () => new Date() });
    const look = createAlertWatch({
      ...{ store, readCondition, metrics: createAlertMetrics(createMetrics({ service: 'admin' })) },
      ...{ periods: { usersEveryMs: 86_400_000, mfaEveryMs: 3_600_000 }, privateHosts: [], holder: 'this' },
      ...{ toRunbook: (rule) => rule, now: () => new Date(), sealer: {} as Sealer },
      logger: createLogger({ service: 'admin', level: 'silent' }),
    });
    await look();
    assert.equal(asked['lag'], 2 * INTEGRATIONS);
    assert.equal(asked['looked'], 1);
    assert.ok(most() <= 50, `${most()} commands at once`);
  });

  it('is read for alerts a tenth of the time at most, by whoever goes on watching', async () => {
    const { store, asked } = createCountingStore();
    let elapsed = 0;
    const { readCondition } = createStatusReader({ store, eventLog, now: () => new Date() });
    const look = createAlertWatch({
      ...{ store, metrics: createAlertMetrics(createMetrics({ service: 'admin' })), elapsed: () => elapsed },
      readCondition: (who) => ((elapsed += 5_000), readCondition(who)),
      ...{ periods: { usersEveryMs: 86_400_000, mfaEveryMs: 3_600_000 }, privateHosts: [], holder: 'this' },
      ...{ toRunbook: (rule) => rule, now: () => new Date(), sealer: {} as Sealer },
      logger: createLogger({ service: 'admin', level: 'silent' }),
    });
    const lookedAt: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      const [at, before] = [elapsed, asked['looked'] ?? 0];
      await look();
      if ((asked['looked'] ?? 0) > before) lookedAt.push(at);
      elapsed = at + 15_000;
    }
    assert.deepEqual(lookedAt, [0, 60_000]);
    assert.ok((asked['leases'] ?? 0) >= 8, 'the lease is kept meanwhile');
  });

  it('serves a moment longer, also when the clock was set back, and a failure serves nobody', async () => {
    const { store, asked } = createCountingStore();
    let time = 1_000_000;
    const { readStatus } = createStatusReader({ store, eventLog, now: () => new Date(time) });
    await readStatus(OPERATOR);
    time += 500;
    await readStatus(OPERATOR);
    assert.equal(asked['coverage'], INTEGRATIONS);
    time -= 10_000;
    await readStatus(OPERATOR);
    assert.equal(asked['coverage'], 2 * INTEGRATIONS);
    time += 1_000;
    const since = store.coverage.since;
    store.coverage.since = () => Promise.reject(new Error('away'));
    await assert.rejects(readStatus(OPERATOR), /away/);
    store.coverage.since = since;
    await readStatus(OPERATOR);
    assert.equal(asked['coverage'], 3 * INTEGRATIONS);
  });

  it('is one read for all who ask while it is under way, however long it takes, and a new one afterwards', async () => {
    const { store, asked } = createCountingStore();
    let time = 0;
    // Each look at the clock is two seconds later: nothing that ended is of this moment.
    const now = (): Date => new Date((time += 2_000));
    const { readStatus } = createStatusReader({ store, eventLog, now });
    await Promise.all([readStatus(OPERATOR), readStatus(OPERATOR), readStatus(OPERATOR)]);
    assert.equal(asked['coverage'], INTEGRATIONS);
    await readStatus(OPERATOR);
    assert.equal(asked['coverage'], 2 * INTEGRATIONS);
  });
});
