import assert from 'node:assert/strict';
import { createSimulatedWorld, type SimulatedTenant, type SimulatedWorld } from './support/simulated-tenant.js';

type Rule = NonNullable<Parameters<SimulatedWorld['simulator']['control']['setFaults']>[0]['rules']>[number];

/** 1,000 people are 20 pages. */
const PLAN = { people: 1_000, groupMembers: 300, nestedGroups: 2 };

/** The real client on the simulator's broken answers: whoever is in scope stays in, whatever a read did not say. */
describe('a read that is not whole removes nobody', () => {
  let world: SimulatedWorld;
  before(async () => {
    world = await createSimulatedWorld('cut-reads');
  });
  afterEach(() => world.simulator.control.setFaults({}));
  after(() => world.stop());

  const setFaults = (tenant: SimulatedTenant, rules: Rule[]): void =>
    world.simulator.control.setFaults({
      rules: rules.map((rule) => ({ ...rule, tenantId: tenant.settings.tenantId })),
    });
  /** Everyone in scope has a document, and the next reads have something to remove. */
  async function load(settings: Parameters<SimulatedWorld['addTenant']>[1] = {}): Promise<SimulatedTenant> {
    const tenant = await world.addTenant(PLAN, settings);
    const first = await tenant.read();
    assert.deepEqual([first.state, first.failure, first.pages], ['complete', null, 20]);
    await tenant.project();
    assert.ok(tenant.members().length > 100);
    return tenant;
  }
  const inGroup = ({ settings: { tenantId } }: SimulatedTenant) => world.store.users.count({ tenantId, inGroup: true });
  const assertNobodyGone = async (tenant: SimulatedTenant): Promise<void> => {
    assert.deepEqual(tenant.removed(), []);
    assert.equal(await inGroup(tenant), tenant.members().length);
    assert.deepEqual(await world.store.plans.list({ integrationIds: [tenant.settings.integrationId], limit: 10 }), []);
  };

  for (const type of ['cutOffPage', 'malformedPage'] as const)
    it(`${type} at page 7 of 20: the read fails, and the next one is whole`, async () => {
      const tenant = await load();
      tenant.beforePage = (page) => {
        if (page === 7) setFaults(tenant, [{ type, path: '/users' }]);
      };
      const cut = await tenant.read();
      assert.deepEqual([cut.state, cut.pages], ['failed', 6]);
      assert.ok(cut.failure && ['graph.unavailable', 'graph.malformed'].includes(cut.failure.code), cut.failure?.code);
      await assertNobodyGone(tenant);
    });

  it('a page that is cut once is read again, and the read is whole', async () => {
    const tenant = await load();
    tenant.beforePage = (page) => {
      if (page === 7) setFaults(tenant, [{ type: 'cutOffPage', path: '/users', count: 1 }]);
    };
    const read = await tenant.read();
    assert.deepEqual([read.state, read.failure, read.pages, read.rows], ['complete', null, 20, 1_000]);
    await assertNobodyGone(tenant);
  });

  it('a row that fell between two pages: the count shows it, and nobody is removed', async () => {
    const tenant = await load();
    // Behind the count, which is a page of its own to the simulator.
    tenant.beforePage = (page) => {
      if (page === 1) setFaults(tenant, [{ type: 'rowMissing', path: '/users', count: 1 }]);
    };
    const read = await tenant.read();
    assert.deepEqual([read.state, read.failure?.code], ['failed', 'snapshot.count-differs']);
    await assertNobodyGone(tenant);
  });

  it('a row that came twice is no other person: the read is whole', async () => {
    const tenant = await load();
    tenant.beforePage = (page) => {
      if (page === 1) setFaults(tenant, [{ type: 'rowDoubled', path: '/users', count: 1 }]);
    };
    const read = await tenant.read();
    assert.deepEqual([read.state, read.failure, read.rows], ['complete', null, 1_001]);
    await assertNobodyGone(tenant);
  });

  it('a row that came twice does not hide one that is missing', async () => {
    const tenant = await load();
    const rules = (['rowMissing', 'rowDoubled'] as const).map((type) => ({ type, path: '/users', count: 1 }));
    tenant.beforePage = (page) => {
      if (page === 1) setFaults(tenant, rules);
    };
    const read = await tenant.read();
    assert.deepEqual([read.rows, read.state, read.failure?.code], [1_000, 'failed', 'snapshot.count-differs']);
    await assertNobodyGone(tenant);
  });

  it('a page size that changes on the way loses nobody', async () => {
    const tenant = await load();
    const { graphFor } = world.deps;
    let size = 40;
    world.deps.graphFor = (settings) => {
      const graph = graphFor(settings);
      return {
        ...graph,
        userPages: async function* (options = {}) {
          // Another size from page to page, as when Graph does not keep to what was asked.
          for await (const page of tenant.graph.userPages({ ...options, pageSize: 999 })) {
            for (let from = 0; from < page.rows.length; size = 10 + ((size * 7) % 90)) {
              yield { ...page, rows: page.rows.slice(from, (from += size)), nextLink: `${page.nextLink} ${from}` };
            }
            yield { ...page, rows: [] };
          }
        },
      };
    };
    const read = await tenant.read().finally(() => (world.deps.graphFor = graphFor));
    assert.deepEqual([read.state, read.rows], ['complete', 1_000]);
    await assertNobodyGone(tenant);
  });

  for (const [what, wrong] of [
    ['too many', 1_200],
    ['too few', 900],
  ] as const)
    it(`a $count that says ${what} fails the read`, async () => {
      const tenant = await load();
      const { graphFor } = world.deps;
      world.deps.graphFor = (settings) => ({ ...graphFor(settings), countUsers: () => Promise.resolve(wrong) });
      const read = await tenant.read().finally(() => (world.deps.graphFor = graphFor));
      assert.deepEqual([read.state, read.failure?.code], ['failed', 'snapshot.count-differs']);
      await assertNobodyGone(tenant);
    });

  for (const status of [403, 404, 500, 503])
    for (const where of ['the group itself', 'its members'] as const)
      it(`a nested group that answers ${status} for ${where} in the middle`, async () => {
        const tenant = await load();
        const nested = tenant.nestedGroupIds.at(-1)!;
        const path = where === 'its members' ? `/groups/${nested}/members` : `/groups/${nested}`;
        setFaults(tenant, [{ type: 'error', status, path }]);
        await tenant.read();
        await tenant.sweep('group');
        await assertNobodyGone(tenant);
      });

  it('the second page of the members fails: neither the read nor the sweep of the tree removes anybody', async () => {
    const tenant = await world.addTenant({ people: 1_600, groupMembers: 1_300, nestedGroups: 1 });
    await tenant.read();
    await tenant.project();
    const path = `/groups/${tenant.groupId}/members`;
    const { graphFor } = world.deps;
    world.deps.graphFor = (settings) => {
      const graph = graphFor(settings);
      return {
        ...graph,
        memberPages: async function* (groupId) {
          for await (const page of graph.memberPages(groupId)) {
            yield page;
            if (page.nextLink !== null) setFaults(tenant, [{ type: 'error', status: 503, path }]);
          }
        },
      };
    };
    const read = await tenant.read().finally(() => world.simulator.control.setFaults({}));
    assert.deepEqual([read.state, read.failure?.code], ['failed', 'graph.unavailable']);
    // A nested group that went has the whole tree read anew.
    const { tenantId } = tenant.settings;
    world.simulator.control.dropMember(tenantId, tenant.groupId, tenant.nestedGroupIds[0]!);
    assert.equal(await tenant.sweep('group'), 'failed');
    world.deps.graphFor = graphFor;
    assert.deepEqual(tenant.removed(), []);
  });

  for (const [type, outcome] of [
    ['rowMissing', 'failed'],
    ['rowDoubled', 'swept'],
  ] as const)
    it(`${type} between two pages of members: neither the read nor the sweep of the tree removes anybody`, async () => {
      const tenant = await world.addTenant({ people: 1_600, groupMembers: 1_300, nestedGroups: 1 });
      await tenant.read();
      await tenant.project();
      setFaults(tenant, [{ type, path: `/groups/${tenant.groupId}/members` }]);
      const struck = (): number => world.simulator.control.hits()[0]?.hits ?? 0;
      assert.equal((await tenant.read()).state, 'complete');
      assert.equal(struck(), 1);
      await assertNobodyGone(tenant);
      // A group that comes into another has the whole tree read anew. Who is missing there and in by id is a contradiction.
      const { tenantId } = tenant.settings;
      const { id } = world.simulator.control.createGroup(tenantId, { displayName: 'Empty' });
      world.simulator.control.addMember(tenantId, tenant.groupId, id);
      assert.equal(await tenant.sweep('group'), outcome);
      assert.ok(struck() > 1, 'the sweep read the members, too');
      await assertNobodyGone(tenant);
    });

  it('an empty page in the middle of the changes is no end', async () => {
    const tenant = await load();
    const { tenantId } = tenant.settings;
    const renamed = tenant.members().slice(0, 10);
    for (const id of renamed) world.simulator.control.updateUser(tenantId, id, { displayName: 'Renamed' });
    world.simulator.control.setSettings({ pageSizes: { delta: 3 } });
    setFaults(tenant, [{ type: 'emptyPage', path: '/users/delta', count: 2 }]);
    assert.equal(await tenant.sweep('users'), 'swept');
    world.simulator.control.setSettings({ pageSizes: { delta: 200 } });
    const told = new Set(
      tenant
        .observations()
        .flatMap((one) => (one.type === 'user' && one.user?.displayName === 'Renamed' ? [one.userId] : [])),
    );
    assert.deepEqual([...told].sort(), renamed.sort());
    await assertNobodyGone(tenant);
  });
});
