import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from '../src/compare-with-truth.js';
import { connectTenant } from '../src/connect-tenant.js';
import { startTestSystem, type System } from '../src/system.js';

const PEOPLE = 5_000;
/** Changes at a time, as from a directory that many admins and a provisioning engine work on. */
const AT_ONCE = 16;

type Loss = { announced: number; lost: number; open: number; share: number };

describe('what notifications missed, at size', () => {
  let system: System;
  before(async () => {
    const env = { USERS_DELTA_EVERY: '5s', LOST_AFTER: '10s', SWEEP_MIN_INTERVAL: '2s' };
    system = await startTestSystem({ label: 'loss-meter', env });
  });
  after(() => system.stop());

  const describeState = async (seen: Loss, integrationId: string) => {
    const { links: _, ...cursor } = (await system.store.cursors.get(integrationId, 'users')) ?? { links: [] };
    const lag = await system.eventLog.lag('muster.projector', ['notifications', 'observations']);
    return { seen, cursor, waiting: lag.reduce((sum, one) => sum + one.lag, 0) };
  };

  it('5,000 people change once each, one notification in ten is dropped: the meter says so, the picture is true', async () => {
    const { tenant, integrationId } = await connectTenant(system, {
      people: PEOPLE,
      groupMembers: PEOPLE,
      nestedGroups: 0,
      guests: 0,
    });
    const { tenantId } = tenant;
    const people = (await system.simulator.truth(tenantId)).filter((user) => user.deletedDateTime === null);
    assert.equal(people.length, PEOPLE);
    const since = new Date().toISOString();
    await system.simulator.call('PUT', '/faults', { seed: 20, dropNotifications: 0.1 });
    const left = people.map(({ id }) => id);
    const changeOthers = async (): Promise<void> => {
      for (let id = left.pop(); id !== undefined; id = left.pop())
        await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { department: 'Changed once' });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, changeOthers));

    const loss = await eventually(
      async () => {
        const answer = await system.admin.get(`/integrations/${integrationId}/coverage?since=${since}`);
        const seen: Loss = answer.loss;
        if (seen.open > 0 || seen.announced + seen.lost < PEOPLE * 0.99)
          throw new Error(JSON.stringify(await describeState(seen, integrationId)));
        return seen;
      },
      { within: 300_000, every: 1_000, what: 'every change is judged' },
    );
    const { hits } = await system.simulator.call('GET', '/faults');
    assert.deepEqual(await compareWithTruth(system.store, system.simulator, tenant), []);
    assert.ok(Math.abs(loss.lost - hits[0].hits) <= PEOPLE * 0.005, `${loss.lost} lost, ${hits[0].hits} were dropped`);
    assert.ok(Math.abs(loss.share - 0.1) <= 0.01, `the meter says ${loss.share}`);
  }).timeout(500_000);
});
