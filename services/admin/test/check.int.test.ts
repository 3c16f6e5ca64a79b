import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';

const operator = bearer(OPERATOR_KEY);
type Check = { name: string; ok: boolean; detail: string; cure?: string };

describe('check of an integration, against a tenant', () => {
  let simulator: Simulator;
  let admin: AdminHarness;

  before(async () => {
    const { kafkaBrokers, mongodbUri, tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: await readFile(tlsCertFile, 'utf8'), key: await readFile(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls });
    const resources = createResources('admin check', mongodbUri);
    resources.onRemove(() => simulator.stop());
    admin = await startAdmin({ resources, brokers: kafkaBrokers, simulatorUrl: await simulator.start() });
  });
  after(() => admin.stop());

  async function check(over: object = {}, plan: Parameters<Simulator['control']['createTenant']>[0] = {}) {
    const { tenant } = simulator.control.createTenant({ people: 30, groupMembers: 20, ...plan });
    const { tenantId, clientId, clientSecret, groupId } = tenant;
    const body = newIntegration({ tenantId, clientId, clientSecret, groupId, ...over });
    const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    const url = `/api/v1/integrations/${made.integrationId}/check`;
    const { body: result, text } = await admin.agent.post(url).set(operator).expect(200);
    assert.ok(!text.includes(String(clientSecret)));
    const checks = new Map<string, Check>(result.checks.map((one: Check) => [one.name, one]));
    return { result, checks };
  }

  it('a good one proves everything, and counts the group with what is nested in it', async () => {
    const { result, checks } = await check();
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.deepEqual([...checks.keys()], ['tenant', 'secret', 'permissions', 'users', 'group', 'mfa-report']);
    assert.match(checks.get('group')!.detail, /^The group holds 20 people, 1 nested group\(s\) included\.$/);
  });

  it('a wrong secret: the tenant is proved, the secret is not, in one sentence with a cure', async () => {
    const { result, checks } = await check({ clientSecret: 'not-the-right-secret~value' });
    assert.equal(result.ok, false);
    assert.deepEqual([checks.get('tenant')!.ok, checks.get('secret')!.ok], [true, false]);
    assert.match(checks.get('secret')!.cure ?? '', /Value/);
  });

  it('a tenant that is not there is told as such', async () => {
    const { checks } = await check({ tenantId: '99999999-9999-4999-8999-999999999999' });
    assert.equal(checks.get('tenant')!.ok, false);
    assert.equal(checks.has('secret'), false);
  });

  it('a missing right names the feature that it costs', async () => {
    const { result, checks } = await check({}, { permissions: ['User.Read.All', 'GroupMember.Read.All'] });
    assert.match(checks.get('permissions')!.detail, /Missing: AuditLog\.Read\.All\./);
    assert.equal(checks.get('mfa-report')!.ok, false);
    assert.equal(checks.get('group')!.ok, true);
    const missing = result.rights.filter(
      ({ state, needed }: { state: string; needed: boolean }) => needed && state === 'missing',
    );
    assert.deepEqual(
      missing.map(({ feature }: { feature: string }) => feature),
      ['mfaVerification'],
    );
  });

  it('a group that is not there, and a tenant without the licence for the report', async () => {
    const groupId = '88888888-8888-4888-8888-888888888888';
    const { checks } = await check({ groupId }, { licence: 'none' });
    assert.match(checks.get('group')!.detail, /no group with this id/);
    assert.match(checks.get('mfa-report')!.detail, /licence/);
  });
});
