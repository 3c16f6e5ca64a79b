import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { watchLog, type LogWatch } from './chaos/watch-log.js';
import { findLost, isUnderWay, readLedger } from './chaos/ledger.js';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const PEOPLE = 900;
const COPIES = ['projector-2', 'projector-3'];
const AT_ONCE = 16;

/** What one copy does in a burst holds for several together: a death among them is in `scale-out.e2e.test.ts`. */
describe('three copies of the projector', () => {
  let system: System;
  let connected: Connected;
  let log: LogWatch;
  let origins: string[];

  before(async function () {
    this.timeout(300_000);
    // Whoever is announced in a burst is left to this sweep.
    system = await startTestSystem({ label: 'copies', env: { SWEEP_MIN_INTERVAL: '1s', LOST_AFTER: '10s' } });
    const started = await Promise.all(COPIES.map((name) => system.startCopy('projector', name)));
    origins = [system.origins.projector, ...started];
    connected = await connectTenant(system, { people: PEOPLE, groupMembers: PEOPLE, nestedGroups: 0, guests: 0 });
    log = await watchLog(system.eventLog);
  });
  after(async () => {
    await log.stop();
    await system.stop();
  });

  type Counts = { read: number; left: number; changed: number };
  const COUNTERS: Record<keyof Counts, RegExp> = {
    read: /^muster_projector_events_total\{[^}]*outcome="read"[^}]*\} (\d+)/gm,
    changed: /^muster_projector_events_total\{[^}]*outcome="changed"[^}]*\} (\d+)/gm,
    left: /^muster_projector_left_to_sweep_total(?:\{[^}]*\})? (\d+)/gm,
  };
  const countsOf = async (origin: string): Promise<Counts> => {
    const text = await (await fetch(`${origin}/metrics`)).text();
    const sum = (pattern: RegExp): number =>
      [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
    return { read: sum(COUNTERS.read), left: sum(COUNTERS.left), changed: sum(COUNTERS.changed) };
  };
  const count = (): Promise<Counts[]> => Promise.all(origins.map(countsOf));

  async function changeEveryone(department: string): Promise<void> {
    const { tenantId } = connected.tenant;
    const left = (await system.simulator.truth(tenantId)).map(({ id }) => id);
    const lane = async (): Promise<void> => {
      for (let id = left.pop(); id !== undefined; id = left.pop())
        await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { department });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }
  const settled = (): Promise<unknown> =>
    eventually(
      async () => {
        const wrong = await compareWithTruth(system.store, system.simulator, connected.tenant);
        if (wrong.length > 0) throw new Error(`${wrong.length} wrong, ${wrong[0]}`);
        const deliveries = await readLedger(system.simulator);
        return !deliveries.some(isUnderWay) && (await log.isCaughtUp());
      },
      { within: 120_000, every: 1_000, what: 'the documents equal the directory, and all of it was told' },
    );
  const assertWhole = async (): Promise<void> => {
    assert.deepEqual(log.chains.broken(), []);
    assert.deepEqual(findLost(await readLedger(system.simulator), log.notifications), []);
  };

  it('share a burst: each does a part, one sweep stands for most reads, each change is told once', async () => {
    const before = await count();
    await changeEveryone('Burst');
    await settled();
    await assertWhole();
    const parts = (await count()).map((after, index) => ({
      read: after.read - before[index]!.read,
      left: after.left - before[index]!.left,
      changed: after.changed - before[index]!.changed,
    }));
    const told = JSON.stringify(parts);
    const total = (of: keyof Counts): number => parts.reduce((sum, part) => sum + part[of], 0);
    assert.ok(
      parts.every(({ changed }) => changed > PEOPLE / 10),
      `work is shared: ${told}`,
    );
    const { tenantId } = connected.tenant;
    const ids = (await system.simulator.truth(tenantId)).map(({ id }) => `${tenantId}/${id}`);
    const revisions = [...(await system.store.users.load(ids)).values()].map(({ document }) => document.revision);
    assert.deepEqual(new Set(revisions), new Set([2]), 'nobody is changed twice');
    assert.ok(total('left') > PEOPLE / 3, `a burst is left to a sweep: ${told}`);
    assert.ok(total('read') <= PEOPLE, `nobody is read twice: ${told}`);
  });
});
