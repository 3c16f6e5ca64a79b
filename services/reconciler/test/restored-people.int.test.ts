import assert from 'node:assert/strict';
import { USER_PROPERTIES, type DirectoryUser } from '@muster/contracts';
import { toDocument, toInsert } from './support/documents.js';
import { createSimulatedWorld, type SimulatedTenant, type SimulatedWorld } from './support/simulated-tenant.js';

const emptyUser = (userId: string): DirectoryUser => ({
  userId,
  ...(Object.fromEntries(USER_PROPERTIES.map((name) => [name, null])) as Omit<DirectoryUser, 'userId'>),
});

describe('members of the chosen group who were in the bin when it was read', () => {
  let world: SimulatedWorld;
  before(async () => {
    world = await createSimulatedWorld('restored-people');
  });
  after(() => world.stop());

  async function load(prepare: (tenant: SimulatedTenant) => void): Promise<SimulatedTenant> {
    const tenant = await world.addTenant({ people: 200, groupMembers: 60, nestedGroups: 1 });
    prepare(tenant);
    assert.equal((await tenant.read()).state, 'complete');
    await tenant.project();
    for (const kind of ['users', 'group'] as const) assert.equal(await tenant.sweep(kind), 'swept');
    return tenant;
  }
  /** What was told last of somebody's membership; null when nothing was. */
  const toldOf = (tenant: SimulatedTenant, userId: string): boolean | null =>
    tenant
      .observations()
      .flatMap((one) => (one.type === 'user' && one.userId === userId ? [one.membership?.inGroup ?? null] : []))
      .at(-1) ?? null;

  it('come in with the sweep that tells of their restoration; outsiders beside them do not', async () => {
    const { control } = world.simulator;
    let [member, outsider] = ['', ''];
    const tenant = await load(({ settings: { tenantId }, members }) => {
      [member = ''] = members();
      const inside = new Set(members());
      outsider = control.truth(tenantId).users.find(({ id }) => !inside.has(id))!.id;
      control.deleteUser(tenantId, member);
      control.deleteUser(tenantId, outsider);
    });
    const { tenantId } = tenant.settings;
    assert.equal(toldOf(tenant, member), null);
    control.restoreUser(tenantId, member);
    control.restoreUser(tenantId, outsider);
    assert.equal(await tenant.sweep('users'), 'swept');
    assert.equal(toldOf(tenant, member), true);
    assert.equal(toldOf(tenant, outsider), null);
  });

  it('are out of scope, and not deleted, by the next full read, though no change told of their restoration', async () => {
    const { control } = world.simulator;
    const tenant = await world.addTenant({ people: 200, groupMembers: 60, nestedGroups: 1 });
    const { tenantId } = tenant.settings;
    const outside = control.truth(tenantId).users.filter(({ id }) => !tenant.members().includes(id));
    const [back, gone] = [outside[0]!, outside[1]!];
    const documents = [back, gone].map(({ id }) => toDocument({ tenantId, user: emptyUser(id) }));
    await world.store.users.write(documents.map((one) => toInsert({ ...one, status: 'deleted', inGroup: false })));
    control.deleteUser(tenantId, gone.id);
    assert.equal((await tenant.read()).state, 'complete');
    const told = tenant.observations().flatMap((one) => (one.type === 'user' ? [one] : []));
    const { user, membership } = told.find(({ userId }) => userId === back.id)!;
    assert.deepEqual([user?.displayName, membership?.inGroup], [back.displayName, false]);
    assert.ok(!told.some(({ userId }) => userId === gone.id));
    assert.ok(!told.some(({ userId }) => outside.slice(2).some(({ id }) => id === userId)), 'no other outsider');
  });

  it('come in though their group was nested in the chosen one meanwhile', async () => {
    const { control } = world.simulator;
    let person = '';
    const tenant = await load(({ settings: { tenantId }, members }) => {
      const inside = new Set(members());
      person = control.truth(tenantId).users.find(({ id }) => !inside.has(id))!.id;
    });
    const { tenantId } = tenant.settings;
    const nested = control.createGroup(tenantId).id;
    control.addMember(tenantId, nested, person);
    control.deleteUser(tenantId, person);
    control.addMember(tenantId, tenant.groupId, nested);
    for (const kind of ['users', 'group'] as const) assert.equal(await tenant.sweep(kind), 'swept');
    assert.equal(toldOf(tenant, person), null);
    control.restoreUser(tenantId, person);
    assert.equal(await tenant.sweep('users'), 'swept');
    const last = tenant.observations().flatMap((one) => (one.type === 'user' && one.userId === person ? [one] : []));
    assert.deepEqual(last.at(-1)?.membership?.groupPath, [tenant.groupId, nested]);
  });
});
