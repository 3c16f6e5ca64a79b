import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './src/compare-with-truth.js';
import type { SimulatedTenant } from './src/simulator-client.js';
import { startTestSystem, type System } from './src/system.js';

const MEMBERS = 350;
/** As the seed asks: without Group.Read.All the group is followed by delta. */
const permissions = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'];

describe('removals that are too many at once', () => {
  let system: System;
  before(async () => {
    system = await startTestSystem({
      label: 'removals',
      env: { USERS_DELTA_EVERY: '2s', GROUP_DELTA_EVERY: '1s', SWEEP_MIN_INTERVAL: '1s' },
    });
  });
  after(() => system.stop());

  type Ready = { tenant: SimulatedTenant; integrationId: string };
  async function connect(settings: Record<string, unknown> = {}): Promise<Ready> {
    const tenant = await system.simulator.createTenant({
      people: 400,
      groupMembers: MEMBERS,
      nestedGroups: 0,
      disabled: 0,
      permissions,
      ...settings,
    });
    const { integrationId } = await system.admin.post('/integrations', {
      name: 'Contoso',
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      clientSecret: tenant.clientSecret,
      secretExpiresAt: tenant.secretExpiresAt,
      groupId: tenant.groupId,
      cloud: 'custom',
    });
    await system.admin.post(`/integrations/${integrationId}/start`);
    await eventually(
      async () => {
        if (await system.store.cursors.get(integrationId, 'group')) return true;
        // Said when time is up: without it, a first load that failed looks like one that hangs.
        throw new Error(JSON.stringify(await system.store.snapshots.newest(integrationId, 3)));
      },
      { within: 60_000, what: 'the first load is complete and changes are followed' },
    );
    return { tenant, integrationId };
  }
  const inGroup = ({ tenant }: Ready) => system.store.users.count({ tenantId: tenant.tenantId, inGroup: true });
  const members = async ({ tenant }: Ready) =>
    (await system.simulator.truth(tenant.tenantId)).filter((user) => user.inGroup).map(({ id }) => id);
  const drop = ({ tenant }: Ready, userId: string) =>
    system.simulator.call('DELETE', `/tenants/${tenant.tenantId}/groups/${tenant.groupId}/members/${userId}`);
  const plansOf = async ({ integrationId }: Ready) =>
    (await system.admin.get(`/plans?integrationId=${integrationId}`)).items;
  const peopleOf = async ({ planId }: { planId: string }) => (await system.admin.get(`/plans/${planId}/people`)).items;
  const swept = async ({ integrationId }: Ready): Promise<void> => {
    const since = new Date().toISOString();
    await eventually(async () => ((await system.store.cursors.get(integrationId, 'group'))?.sweptAt ?? '') > since, {
      within: 90_000,
      what: 'the group was swept',
    });
  };

  it('follows a few who come and go by delta alone, at once', async () => {
    const ready = await connect();
    const [leaver] = await members(ready);
    await drop(ready, leaver!);
    const { id } = await system.simulator.call('POST', `/tenants/${ready.tenant.tenantId}/users`, { inGroup: true });
    const key = (userId: string) => `${ready.tenant.tenantId}/${userId}`;
    await eventually(async () => (await system.store.users.get(key(leaver!)))?.status === 'out-of-scope', {
      within: 90_000,
      what: 'the leaver is out',
    });
    await eventually(async () => (await system.store.users.get(key(id)))?.status === 'active', {
      within: 90_000,
      what: 'the newcomer is in',
    });
    assert.deepEqual(await plansOf(ready), []);
    assert.deepEqual(await compareWithTruth(system.store, system.simulator, ready.tenant), []);
  });

  it('keeps everyone of an emptied group until an admin allows, then removes them', async () => {
    const ready = await connect();
    assert.equal(await inGroup(ready), MEMBERS);
    for (const userId of await members(ready)) await drop(ready, userId);
    const [plan] = await eventually(
      async () => {
        const plans = await plansOf(ready);
        const waiting = Number(plans[0]?.counts.waiting ?? 0);
        // The first few may have gone as a few who leave.
        return waiting > 0 && waiting === (await inGroup(ready)) ? plans : undefined;
      },
      { within: 60_000, what: 'a plan waits' },
    );
    assert.equal(plan.state, 'waiting');
    assert.ok((await inGroup(ready)) >= MEMBERS - 35, 'at most one in ten went');
    await swept(ready);
    assert.equal((await plansOf(ready)).length, 1, 'no second plan for the same people');

    const some = (await peopleOf(plan)).slice(0, 2).map(({ userId }: any) => userId);
    await system.admin.post(`/plans/${plan.planId}/allow`, { userIds: some });
    await eventually(async () => (await plansOf(ready))[0].counts.removed === 2, {
      within: 90_000,
      what: 'two were removed',
    });
    await system.admin.post(`/plans/${plan.planId}/allow`, { seenAt: plan.updatedAt });
    await eventually(async () => (await inGroup(ready)) === 0, { within: 120_000, what: 'everyone was removed' });
    await eventually(async () => (await plansOf(ready))[0].state === 'done', {
      within: 90_000,
      what: 'the plan is done',
    });
    assert.deepEqual(await compareWithTruth(system.store, system.simulator, ready.tenant), []);
  });

  it('keeps whom an admin refuses to remove, and asks no second time, until they come back', async () => {
    const ready = await connect();
    const all = await members(ready);
    const { tenant, integrationId } = ready;
    await system.simulator.call('DELETE', `/tenants/${tenant.tenantId}/groups/${tenant.groupId}`);
    const plan = await eventually(async () => (await plansOf(ready))[0], { within: 90_000, what: 'a plan waits' });
    assert.deepEqual([plan.counts.waiting, (await peopleOf(plan))[0].why], [MEMBERS, 'group-vanished']);
    await system.admin.post(`/plans/${plan.planId}/refuse`, { seenAt: plan.updatedAt });
    await eventually(async () => (await plansOf(ready))[0].state === 'refused', {
      within: 90_000,
      what: 'it is refused',
    });
    await system.admin.post(`/integrations/${integrationId}/reconcile`, { kind: 'users' });
    await swept(ready);
    assert.equal((await plansOf(ready)).length, 1);
    assert.equal(await inGroup(ready), all.length);
  });

  it('removes nobody when a read is cut between its pages', async () => {
    const ready = await connect({ people: 6_000 });
    const { tenant, integrationId } = ready;
    // The list and its count, not the changes.
    const path = '/user*s';
    const setFaults = (rules: object[]) =>
      system.simulator.call('PUT', '/faults', { rules: rules.map((rule) => ({ tenantId: tenant.tenantId, ...rule })) });
    const lastRead = async () => {
      const last = await system.store.snapshots.last(integrationId, 'users', ['failed', 'complete', 'running']);
      return last?.reason === 'asked for by API' ? last : undefined;
    };
    await setFaults([{ type: 'slowAnswer', ms: 500, path }]);
    await system.admin.post(`/integrations/${integrationId}/reconcile`, { kind: 'users' });
    await eventually(async () => ((await lastRead())?.pages ?? 0) >= 2, {
      within: 90_000,
      what: 'two pages were read',
    });
    await setFaults([{ type: 'cutOffPage', path }]);
    const failed = await eventually(
      async () => {
        const last = await lastRead();
        return last?.state === 'failed' ? last : undefined;
      },
      { within: 120_000, what: 'the read failed' },
    ).finally(() => setFaults([]));
    assert.ok(failed.pages >= 2 && failed.pages < 7, `cut behind page ${failed.pages}`);
    assert.equal(failed.failure?.code, 'graph.unavailable');
    assert.equal(await inGroup(ready), MEMBERS);
    assert.deepEqual(await plansOf(ready), []);
  }).timeout(300_000);
});
