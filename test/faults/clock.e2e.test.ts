import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from '../src/compare-with-truth.js';
import { connectTenant, type Connected } from '../src/connect-tenant.js';
import { setClocks } from '../src/set-clocks.js';
import { startTestSystem, type System } from '../src/system.js';

const HOUR = 3_600_000;

describe('services whose clock is wrong', () => {
  const clocks = setClocks();
  let system: System;
  let connected: Connected;
  let counter = 0;

  before(async () => {
    system = await startTestSystem({
      label: 'clock',
      nodeOptions: clocks.nodeOptions,
      env: { USERS_DELTA_EVERY: '5s' },
    });
    connected = await connectTenant(system, { people: 60, groupMembers: 40, nestedGroups: 1 });
  });
  after(async () => {
    await system.stop();
    clocks.remove();
  });

  const reasons = async (): Promise<string> => (await fetch(`${system.origins.projector}/readyz`)).text();
  const people = async () => (await system.simulator.truth(connected.tenant.tenantId)).filter(({ inGroup }) => inGroup);

  /** Answers when the documents say that the newest reads began. */
  async function changeEveryone(): Promise<string[]> {
    const { tenantId } = connected.tenant;
    const department = `Department ${++counter}`;
    for (const { id } of await people())
      await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { department });
    await eventually(
      async () => {
        const wrong = await compareWithTruth(system.store, system.simulator, connected.tenant);
        assert.deepEqual(wrong, []);
        return true;
      },
      { within: 60_000, every: 250, what: 'the documents equal the directory' },
    );
    const found = await system.store.users.load((await people()).map(({ id }) => `${tenantId}/${id}`));
    return [...found.values()].map(({ document }) => document.observedAt);
  }

  const toNewest = (times: readonly string[]): number => Math.max(...times.map((time) => Date.parse(time)));

  it('an hour ahead: not ready, with the reason; observations stay in Graph’s time and are right', async () => {
    clocks.set(HOUR);
    const observed = await changeEveryone();
    assert.ok(toNewest(observed) < Date.now() + 5_000, `observed at ${observed.sort().at(-1)}`);
    await eventually(async () => /clock/i.test(await reasons()), {
      within: 30_000,
      what: 'the projector names the clock',
    });
  });

  it('set back by two hours: changes are still taken, nothing waits for the time to come again', async () => {
    clocks.set(-HOUR);
    const observed = await changeEveryone();
    assert.ok(Math.abs(toNewest(observed) - Date.now()) < 30_000, `observed at ${observed.sort().at(-1)}`);
  });

  it('right again: ready again, lag was never told as less than nothing', async () => {
    clocks.set(0);
    await changeEveryone();
    await eventually(() => system.isReady('projector'), { within: 60_000, what: 'the projector is ready' });
    const { integrations } = await system.admin.get('/status');
    const told = JSON.stringify(integrations);
    assert.ok(!/"(p50|p95|p99)[A-Za-z]*":-/.test(told), told);
  });
});
