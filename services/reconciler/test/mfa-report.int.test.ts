import assert from 'node:assert/strict';
import { toMfaState, type MfaRegistration } from '@muster/contracts';
import { createSimulatedWorld, type SimulatedTenant, type SimulatedWorld } from './support/simulated-tenant.js';

const NO_LICENCE = 'Authentication_RequestFromNonPremiumTenantOrB2CTenant';
const REPORT = '/reports/authenticationMethods';
const alone = { features: { userSync: false, mfaVerification: true } };

describe('the MFA report of the simulator', () => {
  let world: SimulatedWorld;
  before(async () => {
    world = await createSimulatedWorld('mfa-report');
  });
  afterEach(() => world.simulator.control.setFaults({}));
  after(() => world.stop());

  const rows = (tenant: SimulatedTenant): Map<string, MfaRegistration | null> =>
    new Map(tenant.observations().flatMap((one) => (one.type === 'mfa' ? [[one.userId, one.row] as const] : [])));
  const add = (plan: object = {}, settings: object = alone) =>
    world.addTenant({ people: 60, groupMembers: 20, nestedGroups: 1, ...plan }, settings);

  it('tells the three states that a row can say; who is disabled has no row, which is no "no"', async () => {
    const tenant = await add({}, { ...alone, groupId: null });
    const { tenantId } = tenant.settings;
    const [capable, registered, none, disabled] = tenant.members() as [string, string, string, string];
    const { control } = world.simulator;
    control.setSettings({ lifetimes: { reportDelay: 0 } });
    control.setMfa(tenantId, capable, { capable: true, methods: ['fido2'] });
    control.setMfa(tenantId, registered, { capable: false, methods: ['mobilePhone'] });
    control.setMfa(tenantId, none, { capable: false, methods: [] });
    control.updateUser(tenantId, disabled, { accountEnabled: false });
    assert.equal((await tenant.read('mfa')).state, 'complete');
    const told = rows(tenant);
    assert.deepEqual(
      [capable, registered, none].map((id) => toMfaState(told.get(id) ?? null)),
      ['capable', 'registered', 'not-registered'],
    );
    assert.equal(told.has(disabled), false);
    assert.equal(toMfaState(told.get(disabled) ?? null), 'unknown');
  });

  it('believes a missing licence when it is said three times, and not when it struck at random', async () => {
    const tenant = await add();
    const { tenantId } = tenant.settings;
    const strike = (count: number) =>
      world.simulator.control.setFaults({
        rules: [{ type: 'error', status: 403, code: NO_LICENCE, path: REPORT, tenantId, count }],
      });
    strike(2);
    assert.equal((await tenant.read('mfa')).state, 'complete');
    world.simulator.control.setFaults({});
    world.simulator.control.setLicence(tenantId, 'none');
    const before = tenant.observations().length;
    const failed = await tenant.read('mfa');
    assert.deepEqual([failed.state, failed.failure?.code], ['failed', 'graph.no-licence']);
    assert.equal(tenant.observations().length, before, 'the last good data is kept: nothing is told');
  });

  it('tells a right that is missing from a refusal that passes', async () => {
    const tenant = await add();
    const { tenantId } = tenant.settings;
    const strike = (count: number) =>
      world.simulator.control.setFaults({ rules: [{ type: 'error', status: 403, path: REPORT, tenantId, count }] });
    strike(2);
    assert.equal((await tenant.read('mfa')).state, 'complete');
    strike(100);
    const refused = await tenant.read('mfa');
    assert.deepEqual([refused.state, refused.failure?.code], ['failed', 'mfa.refused']);
    world.simulator.control.setFaults({});
    const missing = await (await add({ permissions: ['GroupMember.Read.All'] })).read('mfa');
    assert.deepEqual([missing.state, missing.failure?.code], ['failed', 'mfa.right-missing']);
    assert.match(missing.failure?.message ?? '', /AuditLog\.Read\.All.*last good data is kept/);
  });

  it('alone and with a group: its people, or without the right to read the group everyone, and says so', async () => {
    const tenant = await add({ disabled: 0 });
    await tenant.read('mfa');
    assert.ok([...rows(tenant).keys()].every((id) => tenant.members().includes(id)));
    const lesser = await add({ permissions: ['AuditLog.Read.All'] });
    const read = await lesser.read('mfa');
    assert.deepEqual([read.state, read.failure?.code], ['complete', 'mfa.everyone']);
    assert.ok(rows(lesser).size > lesser.members().length);
  });

  for (const type of ['rowMissing', 'rowDoubled'] as const)
    it(`${type} between two pages: what is told is what the whole report says, or nothing, never a "no"`, async () => {
      const tenant = await add({ people: 1_100 }, { ...alone, groupId: null });
      await tenant.read('mfa');
      const whole = rows(tenant);
      const before = tenant.observations().length;
      world.simulator.control.setFaults({ rules: [{ type, path: REPORT, tenantId: tenant.settings.tenantId }] });
      assert.equal((await tenant.read('mfa')).state, 'complete');
      assert.equal(world.simulator.control.hits()[0]?.hits, 1);
      const again = tenant.observations().slice(before);
      assert.ok(again.length > 0);
      const toContent = (row?: MfaRegistration | null) => row && { ...row, reportedAt: '' };
      for (const one of again)
        if (one.type === 'mfa') assert.deepEqual(toContent(one.row), toContent(whole.get(one.userId)));
    });
});
