import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const CHANGED = 1_000;
const DROPPED = 0.1;

describe('notifications that never come', () => {
  let system: System;
  let connected: Connected;
  before(async () => {
    system = await startTestSystem({
      label: 'loss',
      env: { USERS_DELTA_EVERY: '30s', GROUP_DELTA_EVERY: '30s', LOST_AFTER: '15s' },
    });
    connected = await connectTenant(system, { people: 1_050, groupMembers: CHANGED, nestedGroups: 0, guests: 0 });
  });
  after(() => system.stop());

  it('are counted as they were dropped, and the documents are true after a sweep', async () => {
    const { tenant, integrationId } = connected;
    const cursor = await eventually(
      () => system.store.cursors.get(integrationId, 'users').then((one) => one ?? undefined),
      {
        within: 60_000,
        what: 'changes are followed',
      },
    );
    await system.simulator.call('PUT', '/faults', { seed: 7, dropNotifications: DROPPED });
    const people = (await system.simulator.truth(tenant.tenantId)).filter((user) => user.inGroup).slice(0, CHANGED);
    for (const { id } of people)
      await system.simulator.call('PATCH', `/tenants/${tenant.tenantId}/users/${id}`, { department: 'Moved' });
    await eventually(async () => (await compareWithTruth(system.store, system.simulator, tenant)).length === 0, {
      within: 90_000,
      what: 'the documents are true again',
    });
    await system.simulator.call('PUT', '/faults', {});
    const loss = await eventually(
      async () => {
        const path = `/integrations/${integrationId}/coverage?since=${cursor.takenAt}`;
        const answer: Record<string, number> = (await system.admin.get(path)).loss;
        const { announced = 0, lost = 0 } = answer;
        return announced + lost >= people.length && answer.open === 0 ? answer : undefined;
      },
      { within: 240_000, what: 'the sweep was judged' },
    );
    assert.ok(Math.abs((loss.share ?? 0) - DROPPED) < 0.03, JSON.stringify(loss));
    assert.ok((loss.worstDelayMs ?? 0) > 0);
  }).timeout(400_000);
});
