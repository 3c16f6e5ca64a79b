import assert from 'node:assert/strict';
import { BACK, consentAs, type Person } from './support/consent.js';
import { createSimulatedWorld, type SimulatedTenant, type SimulatedWorld } from './support/simulated-tenant.js';

const RIGHTS = ['User.Read.All', 'AuditLog.Read.All'];
const REPORT = '/reports/authenticationMethods';

/** Four refusals look alike (403); each has a cure of its own. */
describe('the MFA report on behalf of who consented', () => {
  let world: SimulatedWorld;
  let tenant: SimulatedTenant;
  let admin: Person;
  before(async () => {
    world = await createSimulatedWorld('mfa-delegated');
  });
  beforeEach(async () => {
    const features = { userSync: false, mfaVerification: true };
    const plan = { people: 30, groupMembers: 10, permissions: [], redirectUris: [BACK] };
    tenant = await world.addTenant(plan, { features, groupId: null, consent: 'delegated' });
    admin = world.simulator.control.describeSignIn(tenant.settings.tenantId).admins[0]!;
    hold('Global Administrator', 'Reports Reader');
    tenant.actFor(await consentAs(tenant, admin, RIGHTS));
  });
  afterEach(() => world.simulator.control.setFaults({}));
  after(() => world.stop());

  type Role = 'Global Administrator' | 'Reports Reader';
  const hold = (...roles: Role[]): void =>
    void world.simulator.control.setPerson(tenant.settings.tenantId, admin.id, { roles });
  const verdict = async () => {
    const { state, failure } = await tenant.read('mfa');
    return { state, code: failure?.code ?? null, message: failure?.message ?? '' };
  };
  const told = (): number => tenant.observations().filter(({ type }) => type === 'mfa').length;

  it('says that the directory role is missing, keeps the last good data, and is well once it is given', async () => {
    assert.equal((await verdict()).state, 'complete');
    const before = told();
    assert.ok(before > 0);
    hold('Global Administrator');
    tenant.actFor(await consentAs(tenant, admin, RIGHTS));
    const refused = await verdict();
    assert.deepEqual([refused.state, refused.code], ['failed', 'mfa.role-missing']);
    assert.match(refused.message, /directory role.*last good data is kept/);
    assert.equal(told(), before, 'nobody is told as without MFA');
    hold('Global Administrator', 'Reports Reader');
    tenant.actFor(await consentAs(tenant, admin, RIGHTS));
    assert.equal((await verdict()).state, 'complete');
  });

  it('does not take a refusal that passes for a missing role', async () => {
    const { tenantId } = tenant.settings;
    world.simulator.control.setFaults({ rules: [{ type: 'error', status: 403, path: REPORT, tenantId, count: 2 }] });
    assert.equal((await verdict()).state, 'complete');
  });

  it('tells the missing licence and the missing right from the missing role', async () => {
    world.simulator.control.setLicence(tenant.settings.tenantId, 'none');
    assert.equal((await verdict()).code, 'graph.no-licence');
    world.simulator.control.setLicence(tenant.settings.tenantId, 'P1');
    tenant.actFor(await consentAs(tenant, admin, ['User.Read.All']));
    const refused = await verdict();
    assert.deepEqual([refused.state, refused.code], ['failed', 'mfa.right-missing']);
  });
});
