import assert from 'node:assert/strict';
import type { PlanRecord } from '@muster/contracts';
import { createSimulatedWorld, type SimulatedTenant, type SimulatedWorld } from './support/simulated-tenant.js';

describe('groups that are deleted and restored', () => {
  let world: SimulatedWorld;
  before(async () => {
    world = await createSimulatedWorld('restored-groups');
    world.simulator.control.setSettings({ switches: { groupsSoftDelete: true } });
  });
  after(() => world.stop());

  async function load(): Promise<SimulatedTenant> {
    const tenant = await world.addTenant({ people: 200, groupMembers: 120, nestedGroups: 1 });
    assert.equal((await tenant.read()).state, 'complete');
    await tenant.project();
    assert.equal(await tenant.sweep('group'), 'swept');
    return tenant;
  }
  const plansOf = ({ settings }: SimulatedTenant): Promise<PlanRecord[]> =>
    world.store.plans.list({ integrationIds: [settings.integrationId], limit: 10 });
  /** The groups of the last tree that was told. */
  const treeOf = async ({ settings }: SimulatedTenant): Promise<string[]> =>
    (await world.store.cursors.get(settings.integrationId, 'group'))!.tree.map(({ groupId }) => groupId);

  it('a nested one is in the tree again after it is restored, also when the tree was read in between', async () => {
    const tenant = await load();
    const { tenantId } = tenant.settings;
    const { control } = world.simulator;
    const [nested = ''] = tenant.nestedGroupIds;
    const everybody = tenant.members().length;
    control.deleteGroup(tenantId, nested);
    assert.ok(tenant.members().length < everybody);
    assert.equal(await tenant.sweep('group'), 'swept');
    assert.ok(!(await treeOf(tenant)).includes(nested));
    control.addMember(tenantId, tenant.groupId, control.createGroup(tenantId).id);
    assert.equal(await tenant.sweep('group'), 'swept');
    assert.equal((await treeOf(tenant)).length, 2);
    control.restoreGroup(tenantId, nested);
    assert.equal(await tenant.sweep('group'), 'swept');
    assert.ok((await treeOf(tenant)).includes(nested));
    assert.equal(tenant.members().length, everybody);
  });

  it('the chosen one: everybody waits in a plan, and nobody needs an answer once it is restored', async () => {
    const tenant = await load();
    const { tenantId, groupId } = tenant.settings;
    const everybody = tenant.members().length;
    world.simulator.control.deleteGroup(tenantId, groupId!);
    assert.equal(await tenant.sweep('group'), 'swept');
    const toWords = async () => (await plansOf(tenant)).map(({ state, candidates }) => [state, candidates.length]);
    assert.deepEqual(await toWords(), [['waiting', everybody]]);
    world.simulator.control.restoreGroup(tenantId, groupId!);
    assert.equal(await tenant.sweep('group'), 'swept');
    assert.deepEqual(await toWords(), [['done', everybody]]);
    assert.deepEqual(tenant.removed(), []);
  });
});
