import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { toPersonKey, type IntegrationSettings, type NotificationEvent } from '@muster/contracts';
import type { UsersStore } from '@muster/store';
import { createMetrics } from '@muster/telemetry';
import { createLeftToSweep } from './left-to-sweep.js';
import type { Measure } from './measure-lag.js';
import { createProjectorMetrics } from './projector-metrics.js';

const MINUTE_MS = 60_000;
const settings = { integrationId: randomUUID(), tenantId: randomUUID() } as IntegrationSettings;
type Loaded = Awaited<ReturnType<UsersStore['load']>>;

/** People who are left to sweeps, under a clock that only the test moves; the service measures each second. */
function createBench() {
  const clock = { ms: Date.parse('2026-01-01T00:00:00.000Z') };
  const told: Loaded = new Map();
  const looks = { all: 0, most: 0 };
  const measures: Measure[] = [];
  const metrics = createMetrics({ service: 'test' });
  const left = createLeftToSweep({
    store: {
      users: {
        load: (keys) => {
          looks.all += keys.length;
          looks.most = Math.max(looks.most, keys.length);
          return Promise.resolve(told);
        },
      },
      lag: { add: (some) => Promise.resolve(void measures.push(...some)) },
      announced: { add: () => Promise.resolve() },
    },
    metrics: createProjectorMetrics(metrics),
    most: 1,
    now: () => new Date(clock.ms),
  });
  const leave = async (people: number): Promise<string[]> => {
    const userIds = Array.from({ length: people }, () => randomUUID());
    const event = { integrationId: settings.integrationId, receivedAt: new Date(clock.ms).toISOString() };
    await left.leave(settings, new Map(userIds.map((userId) => [userId, [event as NotificationEvent]])));
    return userIds;
  };
  const sweep = (userId: string): void => {
    const at = new Date(clock.ms).toISOString();
    const stored = { document: { changedAt: at }, pending: null, facts: { userObservedAt: at } };
    told.set(toPersonKey(settings.tenantId, userId), stored as unknown as Parameters<Loaded['set']>[1]);
  };
  const run = async (ms: number): Promise<void> => {
    for (const until = clock.ms + ms; clock.ms < until;) {
      clock.ms += 1_000;
      await left.measure();
    }
  };
  const totals = (): number[] => measures.filter(({ step }) => step === 'total').map(({ ms }) => ms);
  const oldest = async (): Promise<number> =>
    Number(/^muster_projector_left_oldest_seconds(?:\{.*\})? (.+)$/m.exec(await metrics.text())?.[1]);
  return { clock, looks, leave, sweep, run, totals, oldest };
}

describe('people who are left to a sweep', () => {
  it('are measured behind a storm of any usual length, at most a tenth too long', async () => {
    for (const minutes of [0.1, 1, 7, 25]) {
      const { leave, sweep, run, totals } = createBench();
      const [userId] = await leave(1);
      await run(minutes * MINUTE_MS);
      assert.deepEqual(totals(), []);
      sweep(userId!);
      await run(5 * MINUTE_MS);
      const [total = Number.NaN, ...more] = totals();
      assert.ok(total >= minutes * MINUTE_MS && total <= minutes * MINUTE_MS * 1.1 + 2_000, `${total} ms`);
      assert.deepEqual(more, []);
    }
  });

  it('and whom no sweep tells are looked at ever more rarely, and forgotten after half an hour', async () => {
    const { looks, leave, run, oldest } = createBench();
    await leave(100);
    await run(29 * MINUTE_MS);
    assert.equal(await oldest(), 29 * 60);
    assert.ok(looks.all <= 100 * 80, `${looks.all / 100} looks at each`);
    await run(5 * MINUTE_MS);
    looks.all = 0;
    await run(5 * MINUTE_MS);
    assert.deepEqual([looks.all, await oldest()], [0, 0]);
  });

  it('are all looked at in turn, few at once, also when the clock was set back', async () => {
    const { clock, looks, leave, sweep, run, totals } = createBench();
    const userIds = await leave(2_000);
    await run(MINUTE_MS);
    clock.ms -= 30 * MINUTE_MS;
    await run(1_000);
    clock.ms += 31 * MINUTE_MS;
    for (const userId of userIds) sweep(userId);
    await run(MINUTE_MS);
    assert.equal(totals().length, 2_000);
    assert.ok(looks.most <= 500, `${looks.most} at once`);
  });
});
