import assert from 'node:assert/strict';
import { createBrowser, createResources, fetchSend, testServers } from '@muster/test-support';
import { connect, inGroup, operator, startWorld, type Connected, type World } from './simulated-tenant.js';

const PUBLIC_URL = 'http://localhost:4000';
const BACK = `${PUBLIC_URL}/oauth2callback/microsoft`;

describe('sign in and consent', () => {
  let world: World;
  before(async () => {
    const resources = createResources('admin consent', testServers().mongodbUri);
    world = await startWorld(resources, testServers(), { publicUrl: PUBLIC_URL, pagesPort: 0 });
  });
  after(() => world.admin.stop());

  const connectTenant = (consent: 'application' | 'delegated') =>
    connect(world, { plan: { permissions: [], redirectUris: [BACK], guests: 0, disabled: 0 }, over: { consent } });

  /** To Microsoft as an administrator, decides there, and comes back; answers where the browser is sent. */
  async function walk({ url, tenant }: Connected, decision: 'accept' | 'refuse', { cookie = true } = {}) {
    const begun = await world.admin.agent.post(`${url}/consent`).set(operator).send({}).expect(200);
    const kept = String(begun.headers['set-cookie']).split(';')[0] ?? '';
    const browser = createBrowser(fetchSend);
    await browser.open(begun.body.url as string);
    const admin = world.simulator.control.describeSignIn(tenant.tenantId).admins[0]!;
    // The report asks of a person a directory role besides the consent.
    world.simulator.control.setPerson(tenant.tenantId, admin.id, { roles: ['Global Administrator', 'Global Reader'] });
    await browser.choose(admin.id, admin.userPrincipalName);
    await browser.decide(decision);
    const { address, text } = browser.place();
    assert.ok(address.startsWith(BACK), text);
    const answer = await world.admin.agent.get(address.slice(PUBLIC_URL.length)).set('Cookie', cookie ? kept : '');
    return { answer, to: new URL(answer.headers.location ?? '/', PUBLIC_URL), begun };
  }
  const check = async ({ url }: Connected) =>
    (await world.admin.agent.post(`${url}/check`).set(operator).expect(200)).body;

  it('delegated: the code is redeemed, the tokens are kept sealed, and the check reads on behalf of the admin', async () => {
    const made = await connectTenant('delegated');
    world.simulator.control.updateRegistration(made.tenant.tenantId, made.tenant.clientId, {
      requestedScopes: [
        'openid',
        'profile',
        'offline_access',
        'User.Read.All',
        'GroupMember.Read.All',
        'AuditLog.Read.All',
      ],
    });
    assert.equal((await check(made)).ok, false);
    const { answer, to } = await walk(made, 'accept');
    assert.deepEqual([answer.status, to.searchParams.get('consent')], [303, 'granted'], to.href);
    assert.match(to.pathname, new RegExp(`${made.integrationId}/step-4$`));
    const { integrationId } = made;
    const typed = { integrationId, tenantId: made.tenant.tenantId, consent: 'delegated' };
    const { body: asTyped } = await world.admin.agent.post('/api/v1/setup/check').set(operator).send(typed).expect(200);
    assert.equal(asTyped.ok, true, JSON.stringify(asTyped.verdicts));
    const { body: other } = await world.admin.agent
      .post('/api/v1/setup/check')
      .set(operator)
      .send({ ...typed, consent: 'application' })
      .expect(200);
    assert.equal(other.ok, false, 'the consent of a person is none of the app itself');
    const kept = (await world.admin.store.tokenCaches.get(made.integrationId))!;
    assert.ok(kept.scopes.includes('User.Read.All'));
    assert.match(kept.sealed, /^s1\./);
    const result = await check(made);
    assert.equal(result.ok, true, JSON.stringify(result.verdicts));
    // The gate asks Graph on behalf of the same admin while nothing is projected: the app itself has no rights.
    for (const person of inGroup(world, made.tenant).slice(0, 1)) {
      const path = `/api/v1/gate/${person.id}?integrationId=${made.integrationId}`;
      const { body } = await world.admin.agent.get(path).set(operator).expect(200);
      assert.deepEqual([body.allowed, body.why, body.by], [true, 'in-group', 'graph']);
    }
  });

  it('delegated: all that the guide lists is asked for; what an earlier consent left out comes with the next one', async () => {
    const made = await connectTenant('delegated');
    const { begun } = await walk(made, 'accept');
    const asked = (new URL(begun.body.url as string).searchParams.get('scope') ?? '')
      .split(' ')
      .map((scope) => scope.slice(scope.lastIndexOf('/') + 1));
    const { body: guide } = await world.admin.agent
      .get(`/api/v1/setup/guide?integrationId=${made.integrationId}`)
      .set(operator)
      .expect(200);
    const listed = guide.permissions.map(({ permission }: { permission: string }) => permission);
    assert.ok(listed.includes('Reports.Read.All') && listed.includes('Group.Read.All'), String(listed));
    assert.deepEqual(
      listed.filter((permission: string) => !asked.includes(permission)),
      [],
    );
    const { body: table } = await world.admin.agent.post(`${made.url}/permissions/probe`).set(operator).expect(200);
    const missing = table.items.filter(({ state }: { state: string }) => state === 'missing');
    assert.deepEqual(missing, []);
    const kept = (await world.admin.store.tokenCaches.get(made.integrationId))!;
    assert.ok(kept.scopes.includes('Reports.Read.All'), String(kept.scopes));
  });

  it('application: an admin consents for the tenant, and the check proves it', async () => {
    const made = await connectTenant('application');
    world.simulator.control.updateApp(made.tenant.tenantId, made.tenant.clientId, {
      requested: ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'],
    });
    const { to } = await walk(made, 'accept');
    assert.equal(to.searchParams.get('consent'), 'granted', to.href);
    const result = await check(made);
    assert.equal(result.ok, true, JSON.stringify(result.verdicts));
    const { body: audit } = await world.admin.agent.get('/api/v1/audit?limit=5').set(operator).expect(200);
    assert.ok(
      audit.items.some(({ action, outcome }: Record<string, string>) => action === 'consent' && outcome === 'done'),
    );
  });

  it('whoever asks at the gate what Microsoft will not tell without consent is told so: 409 with the cure, not 503', async () => {
    const made = await connectTenant('delegated');
    const [person] = inGroup(world, made.tenant);
    const path = `/api/v1/gate/${person!.id}?integrationId=${made.integrationId}`;
    const { body } = await world.admin.agent.get(path).set(operator).expect(409);
    assert.match(body.detail, /^The projection is not fresh, and Microsoft cannot be asked\. .+ Sign in and consent/);
  });

  it('the gate of a removed integration is shut, for operators too', async () => {
    const { url, integrationId, tenant } = await connect(world, { plan: { guests: 0, disabled: 0 } });
    const [person] = inGroup(world, tenant);
    const path = `/api/v1/gate/${person!.id}?integrationId=${integrationId}`;
    const { body } = await world.admin.agent.get(path).set(operator).expect(200);
    assert.equal(body.allowed, true);
    await world.admin.agent.delete(url).set(operator).expect(204);
    await world.admin.agent.get(path).set(operator).expect(404);
  });

  it('a refusal of either kind is one sentence and a cure; nothing is kept', async () => {
    for (const consent of ['delegated', 'application'] as const) {
      const made = await connectTenant(consent);
      const { to } = await walk(made, 'refuse');
      assert.equal(to.searchParams.get('consent'), 'refused');
      const code = to.searchParams.get('consentProblem') ?? '';
      assert.match(code, /^AADSTS65004$|^sign-in\./);
      const { body } = await world.admin.agent.get(`/api/v1/setup/refusals/${code}`).set(operator).expect(200);
      assert.match(`${body.text} ${body.cure}`, /^Consent was refused\. Sign in again/);
      assert.deepEqual(body.action, { kind: 'consent', label: 'Sign in and consent', href: null });
      assert.equal(await world.admin.store.tokenCaches.get(made.integrationId), null);
    }
  });

  it('what is to be done in Entra first has its button there, for this very app', async () => {
    const { integrationId, tenant } = await connectTenant('delegated');
    await world.admin.store.integrations.get(integrationId).then(async (settings) => {
      assert.ok(settings);
      const global = { ...settings, cloud: 'global' as const, revision: settings.revision + 1 };
      assert.ok(await world.admin.store.integrations.replace(global, settings.revision));
    });
    const path = `/api/v1/setup/refusals/AADSTS650056?integrationId=${integrationId}`;
    const { body } = await world.admin.agent.get(path).set(operator).expect(200);
    assert.equal(body.action.kind, 'open-permissions');
    assert.ok(body.action.href.startsWith('https://portal.azure.com/') && body.action.href.includes(tenant.clientId));
  });

  it('another browser cannot finish what this one began', async () => {
    const made = await connectTenant('delegated');
    const { answer } = await walk(made, 'accept', { cookie: false });
    assert.equal(answer.status, 400);
    assert.equal(await world.admin.store.tokenCaches.get(made.integrationId), null);
  });
});
