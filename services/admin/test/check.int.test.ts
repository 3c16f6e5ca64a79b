import assert from 'node:assert/strict';
import { createResources, testServers } from '@muster/test-support';
import { bearer } from './admin-harness.js';
import { connect, inGroup, operator, startWorld, type TenantPlan, type World } from './simulated-tenant.js';

type Verdict = { field: string; state: string; text: string; cure: string | null; action: { kind: string } | null };
const NOWHERE = '99999999-9999-4999-8999-999999999999';

describe('check of a setup, against a tenant', () => {
  let world: World;
  before(async () => {
    world = await startWorld(createResources('admin check', testServers().mongodbUri), testServers());
  });
  after(() => world.admin.stop());

  async function ask(
    path: string,
    { body = {}, key = operator, secret = '' }: { body?: object; key?: Record<string, string>; secret?: string },
  ) {
    const { body: result, text } = await world.admin.agent.post(path).set(key).send(body).expect(200);
    if (secret !== '') assert.ok(!text.includes(secret), 'the answer holds the secret');
    const of = new Map<string, Verdict>(result.verdicts.map((one: Verdict) => [one.field, one]));
    return { result, of, states: Object.fromEntries([...of].map(([field, { state }]) => [field, state])) };
  }
  async function checkStored({ over = {}, plan = {} }: { over?: object; plan?: TenantPlan } = {}) {
    const { url, tenant } = await connect(world, { over, plan });
    return { tenant, ...(await ask(`${url}/check`, { secret: String(tenant.clientSecret) })) };
  }
  const checkTyped = (body: object) => ask('/api/v1/setup/check', { body });

  describe('as it is stored', () => {
    it('a good one proves everything, and counts the group with what is nested, guests and disabled people', async () => {
      const { result, of, tenant } = await checkStored();
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.deepEqual(
        [...of.keys()],
        ['tenantId', 'clientId', 'clientSecret', 'permissions', 'users', 'groupId', 'mfaReport', 'secretExpiresAt'],
      );
      const members = inGroup(world, tenant);
      const guests = members.filter(({ userType }) => userType === 'Guest').length;
      const disabled = members.filter(({ accountEnabled }) => !accountEnabled).length;
      const { text } = of.get('groupId')!;
      assert.match(text, /holds 20 people, 1 nested group included/);
      assert.equal(Number(/(\d+) guests?/.exec(text)?.[1] ?? 0), guests, text);
      assert.equal(Number(/(\d+) disabled/.exec(text)?.[1] ?? 0), disabled, text);
    });

    it('a wrong and an expired secret: tenant and app are proved, the secret is not, with one cure and one button', async () => {
      const wrong = await checkStored({ over: { clientSecret: 'not-the-right-secret~value' } });
      assert.deepEqual(
        [wrong.states.tenantId, wrong.states.clientId, wrong.states.clientSecret],
        ['ok', 'ok', 'problem'],
      );
      assert.match(wrong.of.get('clientSecret')!.cure ?? '', /Value/);
      const { tenant } = world.simulator.control.createTenant({ people: 1 });
      const { clientSecret } = world.simulator.control.addSecret(tenant.tenantId, tenant.clientId, { days: -1 });
      const { tenantId, clientId } = tenant;
      const expired = await checkTyped({ tenantId, clientId, clientSecret });
      assert.match(expired.of.get('clientSecret')!.text, /has expired/);
      assert.equal(expired.of.get('clientSecret')!.action?.kind, 'enter-secret');
    });

    it('a missing right names the feature that it costs', async () => {
      const { result, of } = await checkStored({ plan: { permissions: ['User.Read.All', 'GroupMember.Read.All'] } });
      assert.match(of.get('permissions')!.text, /Missing: AuditLog\.Read\.All\./);
      assert.deepEqual([of.get('mfaReport')!.state, of.get('groupId')!.state], ['problem', 'ok']);
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
      const { of } = await checkStored({ over: { groupId }, plan: { licence: 'none' } });
      assert.match(of.get('groupId')!.text, /no group with this id/);
      assert.match(of.get('mfaReport')!.text, /licence/);
    });

    it('before consent nothing is called wrong: it says that consent comes first', async () => {
      const { result, states } = await checkStored({ plan: { permissions: [] } });
      assert.equal(result.ok, false);
      assert.deepEqual(
        [states.clientSecret, states.permissions, states.users, states.groupId, states.mfaReport],
        ['ok', 'unknown', 'unknown', 'unknown', 'unknown'],
      );
    });
  });

  describe('as one types', () => {
    it('nothing typed is nothing said; each value is judged as soon as it is there', async () => {
      const { tenant } = world.simulator.control.createTenant({ people: 3, groupMembers: 2 });
      const { tenantId, clientId, clientSecret, groupId } = tenant;
      assert.deepEqual((await checkTyped({})).states, {});
      assert.deepEqual((await checkTyped({ tenantId: 'contoso' })).states, { tenantId: 'problem' });
      assert.deepEqual((await checkTyped({ tenantId: NOWHERE })).states, { tenantId: 'problem' });
      assert.deepEqual((await checkTyped({ tenantId: ` ${tenantId.toUpperCase()} ` })).states, { tenantId: 'ok' });
      const app = await checkTyped({ tenantId, clientId });
      assert.deepEqual(app.states, { tenantId: 'ok', clientId: 'ok', clientSecret: 'unknown' });
      const noApp = await checkTyped({ tenantId, clientId: NOWHERE });
      assert.equal(noApp.states.clientId, 'problem');
      assert.equal(noApp.of.get('clientId')!.action?.kind, 'edit-client');
      const all = await checkTyped({ tenantId, clientId, clientSecret, groupId });
      assert.equal(all.result.ok, true, JSON.stringify(all.result));
    });

    it("the secret's id in its place is told without asking Microsoft; a short life is remarked on", async () => {
      const { tenantId, clientId } = world.simulator.control.createTenant({ people: 1 }).tenant;
      const secretExpiresAt = new Date(Date.now() + 100.5 * 86_400_000).toISOString();
      const { of, states } = await checkTyped({ tenantId, clientId, clientSecret: NOWHERE, secretExpiresAt });
      assert.match(of.get('clientSecret')!.text, /id, not its value/);
      assert.deepEqual([states.tenantId, states.clientId, states.secretExpiresAt], ['ok', 'ok', 'remark']);
      assert.match(of.get('secretExpiresAt')!.text, /in 100 days/);
    });

    it('a new group is tried with the stored secret; another app never is', async () => {
      const { tenant, integrationId } = await connect(world, {});
      const nested = tenant.nestedGroupIds[0];
      const { of } = await checkTyped({ integrationId, groupId: nested });
      assert.equal(of.get('groupId')!.state, 'ok');
      const other = await checkTyped({ integrationId, clientId: NOWHERE });
      assert.deepEqual([other.states.clientId, other.states.clientSecret], ['problem', 'unknown']);
    });

    it('a tenant admin checks the own tenant only', async () => {
      const { tenant, integrationId } = await connect(world, {});
      const { body } = await world.admin.agent
        .post('/api/v1/keys')
        .set(operator)
        .send({ name: 'A', role: 'tenant-admin', integrationId })
        .expect(201);
      const key = bearer(body.key as string);
      const own = await ask('/api/v1/setup/check', { key });
      assert.equal(own.result.ok, true, JSON.stringify(own.result));
      const { tenantId } = world.simulator.control.createTenant({ people: 1 }).tenant;
      await world.admin.agent.post('/api/v1/setup/check').set(key).send({ tenantId }).expect(403);
      await world.admin.agent.post('/api/v1/setup/check').set(key).send({ tenantId: tenant.tenantId }).expect(200);
    });
  });

  it('the guide gives the redirect URI, and the permissions with what to click', async () => {
    const { integrationId } = await connect(world, { over: { consent: 'application' } });
    const get = (query: string) => world.admin.agent.get(`/api/v1/setup/guide${query}`).set(operator).expect(200);
    const { body } = await get('');
    assert.equal(body.redirectUri, 'http://localhost:4000/oauth2callback/microsoft');
    assert.deepEqual(
      body.permissions.map(({ permission, feature }: { permission: string; feature: string }) => [feature, permission]),
      [
        ['userSync', 'User.Read.All'],
        ['userSync', 'GroupMember.Read.All'],
        ['mfaVerification', 'AuditLog.Read.All'],
        ['mfaVerification', 'Reports.Read.All'],
        ['groupNotifications', 'Group.Read.All'],
      ],
    );
    assert.deepEqual(body.permissions[0].clickPath.slice(-2), ['Delegated permissions', 'User.Read.All']);
    const { body: own } = await get(`?integrationId=${integrationId}&mfaVerification=false`);
    assert.equal(own.permissions[0].clickPath[3], 'Application permissions');
    assert.deepEqual(own.leastPrivilege, ['User.Read.All', 'GroupMember.Read.All']);
  });
});
