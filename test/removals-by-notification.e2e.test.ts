import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const MEMBERS = 350;
/** One in ten. */
const MOST = 35;

describe('removals that notifications announce, too many at once', () => {
  let system: System;
  before(async () => {
    // Group.Read.All is granted, so notifications come; the sweeps that nobody asked for come late.
    const env = { USERS_DELTA_EVERY: '10m', GROUP_DELTA_EVERY: '10m', SWEEP_MIN_INTERVAL: '1s' };
    system = await startTestSystem({ label: 'removals-by-notification', env });
  });
  after(() => system.stop());

  const connect = () => connectTenant(system, { people: 400, groupMembers: MEMBERS, nestedGroups: 0, disabled: 0 });
  const inGroup = ({ tenant }: Connected) => system.store.users.count({ tenantId: tenant.tenantId, inGroup: true });
  const plansOf = async ({ integrationId }: Connected) =>
    (await system.admin.get(`/plans?integrationId=${integrationId}`)).items;

  /** Answers the plan once it holds everyone who is left. */
  async function emptyGroup(connected: Connected) {
    const { tenantId, groupId } = connected.tenant;
    const members = (await system.simulator.truth(tenantId)).filter((user) => user.inGroup);
    for (const { id } of members)
      await system.simulator.call('DELETE', `/tenants/${tenantId}/groups/${groupId}/members/${id}`);
    return eventually(
      async () => {
        const [plan] = await plansOf(connected);
        const waiting = Number(plan?.counts.waiting ?? 0);
        return waiting > 0 && waiting === (await inGroup(connected)) ? plan : undefined;
      },
      { within: 60_000, what: 'a plan holds everyone who is left' },
    );
  }

  it('wait for an admin, who allows them: then all are removed', async () => {
    const connected = await connect();
    const plan = await emptyGroup(connected);
    assert.equal(plan.state, 'waiting');
    assert.ok((await inGroup(connected)) >= MEMBERS - MOST, `${MEMBERS - (await inGroup(connected))} went at once`);
    assert.equal((await plansOf(connected)).length, 1, 'one plan for all');
    await system.admin.post(`/plans/${plan.planId}/allow`, { seenAt: plan.updatedAt });
    await eventually(async () => (await inGroup(connected)) === 0, { within: 120_000, what: 'everyone was removed' });
    assert.deepEqual(await compareWithTruth(system.store, system.simulator, connected.tenant), []);
  });

  it('keep whom an admin refuses to remove, also when a later notification says again that they are out', async () => {
    const connected = await connect();
    const { tenantId } = connected.tenant;
    const plan = await emptyGroup(connected);
    const left = await inGroup(connected);
    await system.admin.post(`/plans/${plan.planId}/refuse`, { seenAt: plan.updatedAt });
    await eventually(async () => (await plansOf(connected))[0].state === 'refused', { within: 90_000 });
    const kept: string = (await system.admin.get(`/plans/${plan.planId}/people?limit=1`)).items[0].userId;
    await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${kept}`, { displayName: 'Kept all the same' });
    const document = await eventually(
      async () => {
        const found = await system.store.users.get(`${tenantId}/${kept}`);
        return found?.displayName === 'Kept all the same' ? found : undefined;
      },
      { within: 90_000, what: 'the change of a kept person is seen' },
    );
    assert.deepEqual([document.status, document.inGroup], ['active', true]);
    assert.equal(await inGroup(connected), left);
    assert.equal((await plansOf(connected)).length, 1);
  });
});
