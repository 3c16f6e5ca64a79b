import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from '@muster/store';
import { toSettings } from '@muster/test-support';
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
function createCountingStore() {
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
  const steps = ['graph', 'kafka', 'read', 'document', 'feed', 'ours', 'total'];
  const store = {
    integrations: { all: answer('integrations', settings) },
    subscriptions: { ofIntegration: answer('subscriptions', []) },
    snapshots: { last: answer('snapshots', null) },
    cursors: { get: answer('cursors', null) },
    coverage: { since: answer('coverage', []) },
    plans: { count: answer('plans', 0) },
    tenantHealth: { ofIntegration: answer('tenantHealth', []) },
    users: { count: answer('users', 3) },
    mfa: { countByState: answer('mfa', { capable: 0, registered: 0, 'not-registered': 0, unknown: 0 }) },
    replays: { count: answer('replays', 0) },
    lag: {
      canaries: answer('canaries', []),
      sum: answer('lag', Object.fromEntries(steps.map((step) => [step, [0]]))),
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
    assert.ok(most() <= 50, `${most()} commands at once`);
  });

  it('counts nobody for those who only ask how things stand, as alerts do', async () => {
    const { store, asked } = createCountingStore();
    const { readCondition } = createStatusReader({ store, eventLog, now: () => new Date() });
    assert.equal((await readCondition(OPERATOR)).integrations.length, INTEGRATIONS);
    assert.deepEqual([asked['users'], asked['mfa']], [undefined, undefined]);
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
