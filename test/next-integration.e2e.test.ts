import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './src/compare-with-truth.js';
import type { SimulatedTenant } from './src/simulator-client.js';
import { startTestSystem, type System } from './src/system.js';

const PEOPLE = 30;
const MEMBERS = 10;

describe('a new integration of a tenant whose integration was removed', () => {
  let system: System;
  before(async () => {
    system = await startTestSystem({ label: 'next-integration' });
  });
  after(() => system.stop());

  async function create(tenant: SimulatedTenant, groupId: string | null): Promise<string> {
    const { tenantId, clientId, clientSecret, secretExpiresAt } = tenant;
    const credentials = { clientId, clientSecret, secretExpiresAt };
    const body = { name: 'Contoso', tenantId, ...credentials, groupId, cloud: 'custom' };
    return (await system.admin.post('/integrations', body)).integrationId;
  }
  const start = (integrationId: string) => system.admin.post(`/integrations/${integrationId}/start`);
  const lastRead = (integrationId: string) =>
    system.store.snapshots.last(integrationId, 'users', ['running', 'published', 'complete', 'failed']);
  const loaded = (integrationId: string) =>
    eventually(async () => (await lastRead(integrationId))?.state === 'complete', {
      within: 60_000,
      what: 'the first load is complete',
    });
  const listed = async (integrationId: string): Promise<number> =>
    (await system.admin.get(`/users?integrationId=${integrationId}&limit=100`)).items.length;
  const statusOf = async (integrationId: string) =>
    (await system.admin.get('/status')).integrations.find((one: any) => one.integrationId === integrationId);
  const gate = (userId: string, integrationId: string) =>
    system.admin.get(`/gate/${userId}?integrationId=${integrationId}`);

  it('shows nobody before its start, and lets in nobody whom it does not admit, then or ever', async () => {
    const tenant = await system.simulator.createTenant({
      ...{ people: PEOPLE, groupMembers: MEMBERS, nestedGroups: 0, disabled: 0 },
    });
    const { tenantId, groupId } = tenant;
    const truth = await system.simulator.truth(tenantId);
    const outsiders = truth.filter(({ inGroup, deletedDateTime }) => !inGroup && deletedDateTime === null);
    const [outsider, member] = [outsiders[0]!.id, truth.find(({ inGroup }) => inGroup)!.id];
    const former = await create(tenant, null);
    await start(former);
    await loaded(former);
    assert.equal(await system.store.users.count({ tenantId, inGroup: true }), PEOPLE);
    await system.admin.call('DELETE', `/integrations/${former}`);

    const next = await create(tenant, groupId);
    assert.equal(await listed(next), 0);
    assert.deepEqual((await statusOf(next)).people.ssoEnabled, 0);

    const slow = { type: 'slowAnswer', ms: 1_500, path: '/user*s', tenantId };
    await system.simulator.call('PUT', '/faults', { rules: [slow] });
    await start(next);
    await eventually(async () => (await lastRead(next))?.state === 'running', { within: 30_000 });
    const [early, { verdict }] = [await gate(outsider, next), await statusOf(next)];
    assert.equal((await lastRead(next))?.state, 'running', 'the gate was asked while it loads');
    assert.deepEqual([early.allowed, early.by], [false, 'graph']);
    assert.notEqual(verdict, 'fresh');
    await system.simulator.call('DELETE', '/faults');

    await loaded(next);
    await eventually(async () => (await system.store.users.count({ tenantId, inGroup: true })) === MEMBERS, {
      within: 10_000,
      what: 'those whom it does not admit are out',
    });
    const { items } = await system.admin.get(`/plans?integrationId=${next}`);
    assert.deepEqual(
      items.map(({ state, counts, decidedBy }: any) => [state, counts.removed, decidedBy]),
      [['done', PEOPLE - MEMBERS, 'Muster, by rule']],
    );
    assert.deepEqual(await system.store.removals.heldOf(next), []);
    for (const { id } of outsiders) assert.equal((await gate(id, next)).allowed, false);
    assert.equal((await gate(member, next)).allowed, true);
    assert.equal((await statusOf(next)).people.ssoEnabled, MEMBERS);
    await eventually(async () => (await compareWithTruth(system.store, system.simulator, tenant)).length === 0, {
      within: 60_000,
      what: 'documents and MFA rows are what Microsoft has',
    });
  });
});
