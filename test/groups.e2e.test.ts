import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const SOON = { within: 60_000, every: 250 };

describe('the tree of the chosen group', () => {
  let system: System;
  let connected: Connected;
  let outer: string;
  let inner: string;

  before(async () => {
    const env = { USERS_DELTA_EVERY: '2s', GROUP_DELTA_EVERY: '2s', SWEEP_MIN_INTERVAL: '1s' };
    system = await startTestSystem({ label: 'groups', env });
    await system.simulator.call('PATCH', '/settings', { switches: { groupsSoftDelete: true } });
    connected = await connectTenant(system, { people: 60, groupMembers: 30, nestedGroups: 0, guests: 0, disabled: 0 });
  });
  after(() => system.stop());

  const change = (method: string, path: string, body?: unknown) =>
    system.simulator.call(method, `/tenants/${connected.tenant.tenantId}${path}`, body);
  const everyone = () => system.simulator.truth(connected.tenant.tenantId);
  const documentOf = async (userId: string) => {
    const id = `${connected.tenant.tenantId}/${userId}`;
    return (await system.store.users.load([id])).get(id)?.document;
  };
  const put = (groupId: string, memberId: string) => change('PUT', `/groups/${groupId}/members/${memberId}`);
  const pathBecomes = (userId: string, path: readonly string[]) =>
    eventually(
      async () => {
        const seen = await documentOf(userId);
        if (seen?.status === 'active' && seen.groupPath.join() === path.join()) return true;
        throw new Error(JSON.stringify(seen ?? null));
      },
      { ...SOON, what: `the path ${path.join(' > ')}` },
    );
  const statusBecomes = (userId: string, status: string) =>
    eventually(async () => (await documentOf(userId))?.status === status, { ...SOON, what: status });
  const pictureIsTrue = () =>
    eventually(
      async () => {
        assert.deepEqual(await compareWithTruth(system.store, system.simulator, connected.tenant), []);
        return true;
      },
      { ...SOON, what: 'the documents equal the directory' },
    );
  const waitingPlans = async () =>
    (await system.admin.get(`/plans?integrationId=${connected.integrationId}&state=waiting`)).items;

  it('is followed into groups of groups, in a circle and by two ways, with the shortest path kept', async () => {
    const chosen = connected.tenant.groupId;
    ({ id: outer } = await change('POST', '/groups', { displayName: 'Outer' }));
    ({ id: inner } = await change('POST', '/groups', { displayName: 'Inner' }));
    const [deep, both] = (await everyone()).filter(({ inGroup }) => !inGroup);
    assert.ok(deep && both);
    await put(inner, deep.id);
    await put(inner, both.id);
    await put(outer, both.id);
    await put(outer, inner);
    await put(inner, chosen);
    await put(chosen, outer);
    await pathBecomes(deep.id, [chosen, outer, inner]);
    await pathBecomes(both.id, [chosen, outer]);
    await pictureIsTrue();
  });

  it('a nested group that is deleted takes its people out, and brings them back when it is restored', async () => {
    const inside = (await everyone()).filter(({ groupPath }) => groupPath.includes(outer));
    assert.equal(inside.length, 2);
    await change('DELETE', `/groups/${outer}`);
    for (const { id } of inside) await statusBecomes(id, 'out-of-scope');
    await change('POST', `/groups/${outer}/restore`);
    for (const { id, groupPath } of inside) await pathBecomes(id, groupPath);
    await pictureIsTrue();
  });

  it('the chosen group vanishes: everyone stays, as a plan; it is restored: nobody waits any more', async () => {
    const { groupId } = connected.tenant;
    const before = (await everyone()).filter(({ inGroup }) => inGroup);
    await change('DELETE', `/groups/${groupId}`);
    await eventually(async () => (await waitingPlans()).length > 0, { ...SOON, what: 'a plan that waits' });
    for (const { id } of before) assert.equal((await documentOf(id))?.status, 'active');
    await change('POST', `/groups/${groupId}/restore`);
    await eventually(async () => (await waitingPlans()).length === 0, { ...SOON, what: 'no plan waits' });
    await pictureIsTrue();
  });

  it('someone who is deleted for good is deleted, and the others are not touched', async () => {
    const { id } = (await everyone()).find((one) => one.inGroup)!;
    await change('DELETE', `/users/${id}?permanent=true`);
    await statusBecomes(id, 'deleted');
    assert.equal((await documentOf(id))?.ssoEnabled, false);
    await pictureIsTrue();
  });

  it('another group is chosen: who is not in it goes, though a sweep told of them while it was read', async () => {
    const { tenant, integrationId } = await connectTenant(system, {
      ...{ people: 60, groupMembers: 30, nestedGroups: 0, guests: 0, disabled: 0 },
    });
    const { tenantId } = tenant;
    const changeIt = (method: string, path: string, body?: unknown) =>
      system.simulator.call(method, `/tenants/${tenantId}${path}`, body);
    const { id: chosen } = await changeIt('POST', '/groups', { displayName: 'Chosen' });
    const [leaver, ...staying] = (await system.simulator.truth(tenantId)).filter(({ inGroup }) => inGroup);
    assert.ok(leaver);
    const seen = async () => (await system.store.users.get(`${tenantId}/${leaver.id}`)) ?? assert.fail();
    for (const { id } of staying) await changeIt('PUT', `/groups/${chosen}/members/${id}`);
    const slow = { type: 'slowAnswer', ms: 8_000, path: '/user*s', tenantId };
    await system.simulator.call('PUT', '/faults', { rules: [slow, { type: 'drop' }] });
    const path = `/integrations/${integrationId}`;
    const ifMatch = { 'if-match': (await system.admin.call('GET', path)).headers.get('etag') ?? '' };
    assert.equal((await system.admin.call('PATCH', path, { groupId: chosen }, ifMatch)).status, 200);
    // Behind the group, ahead of the people.
    const isRead = async () => (await system.store.snapshots.last(integrationId, 'users', ['running']))?.expectedRows;
    await eventually(isRead, { within: 30_000, every: 50, what: 'the group is read' });
    await changeIt('PATCH', `/users/${leaver.id}`, { department: 'Told meanwhile' });
    const isTold = async () => (await seen()).department === 'Told meanwhile';
    await eventually(isTold, { within: 30_000, every: 50, what: 'a sweep tells of the leaver' });
    assert.ok(await isRead(), 'the people are still being read');
    await system.simulator.call('DELETE', '/faults');
    await eventually(async () => (await seen()).status === 'out-of-scope', { ...SOON, what: 'out' });
    const inScope = { tenantId, inGroup: true };
    assert.equal(await system.store.users.count(inScope), staying.length);
  });
});
