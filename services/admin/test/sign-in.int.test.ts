import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createBrowser, createResources, fetchSend, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';

const operator = bearer(OPERATOR_KEY);
const SAME = { 'Sec-Fetch-Site': 'same-origin' };
const PUBLIC_URL = 'http://localhost:4000';
const BACK = `${PUBLIC_URL}/oauth2callback/microsoft`;
const OPERATOR_NAME = 'olga.operator@example.org';

type Person = { id: string; userPrincipalName: string };

describe('signing in at Microsoft', () => {
  let simulator: Simulator;
  let admin: AdminHarness;
  let tenant: ReturnType<Simulator['control']['createTenant']>['tenant'];
  let integrationId = '';
  let operatorGroupId = '';
  let passed = 0;

  before(async () => {
    const { kafkaBrokers, mongodbUri, tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: await readFile(tlsCertFile, 'utf8'), key: await readFile(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls, pagesPort: 0 });
    const resources = createResources('sign-in', mongodbUri);
    resources.onRemove(() => simulator.stop());
    const simulatorUrl = await simulator.start();
    const plan = { people: 20, groupMembers: 10, disabled: 0, guests: 0, redirectUris: [BACK] };
    ({ tenant } = simulator.control.createTenant(plan));
    operatorGroupId = simulator.control.createGroup(tenant.tenantId, { displayName: 'Muster operators' }).id;
    admin = await startAdmin({
      resources,
      brokers: kafkaBrokers,
      simulatorUrl,
      publicUrl: PUBLIC_URL,
      operators: [`${tenant.tenantId}/${OPERATOR_NAME.toUpperCase()}`, `${tenant.tenantId}/group:${operatorGroupId}`],
      now: () => new Date(Date.now() + passed),
    });
    const { tenantId, clientId, clientSecret, groupId } = tenant;
    const body = newIntegration({ tenantId, clientId, clientSecret, groupId });
    const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    integrationId = made.integrationId;
  });
  after(() => admin.stop());

  const newPerson = (over: object = {}, { tenantId } = tenant): Person =>
    simulator.control.createUser(tenantId, { inGroup: true, ...over });

  /** To Microsoft and to our door again; what is carried there, and the cookie that the browser holds. */
  async function walk(who: Person, returnTo = '/', where = integrationId) {
    const begun = await admin.agent.get(`/sign-in/${where}?returnTo=${encodeURIComponent(returnTo)}`).expect(302);
    const cookie = String(begun.headers['set-cookie']).split(';')[0] ?? '';
    const browser = createBrowser(fetchSend);
    await browser.open(begun.headers.location ?? '');
    await browser.choose(who.id, who.userPrincipalName);
    if (/Permissions requested/.test(browser.place().text)) await browser.decide('accept');
    const { address, text } = browser.place();
    assert.ok(address.startsWith(BACK), text);
    return { path: address.slice(PUBLIC_URL.length), cookie, sentTo: new URL(begun.headers.location ?? '') };
  }
  async function signIn(who: Person, returnTo = '/', where = integrationId) {
    const { path, cookie } = await walk(who, returnTo, where);
    const answer = await admin.agent.get(path).set('Cookie', cookie);
    const cookies = (answer.headers['set-cookie'] ?? []) as unknown as string[];
    const session = cookies.find((one) => one.startsWith('muster-session='))?.split(';')[0] ?? null;
    return { answer, session };
  }
  const whoAmI = (session: string | null) => admin.agent.get('/api/v1/session').set('Cookie', session ?? '');
  const newestAudit = async () =>
    (await admin.agent.get('/api/v1/audit?limit=1').set(operator).expect(200)).body.items[0];

  it('goes there with PKCE, nonce and a state that is sealed', async () => {
    const { sentTo } = await walk(newPerson());
    const { searchParams } = sentTo;
    assert.equal(searchParams.get('code_challenge_method'), 'S256');
    assert.equal(searchParams.get('redirect_uri'), BACK);
    assert.ok((searchParams.get('nonce') ?? '').length >= 20);
    assert.match(searchParams.get('state') ?? '', /^s1\.[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('a member of the group is let in, told why by Graph while nothing is projected, and sees nothing else', async () => {
    const ada = newPerson();
    const { answer, session } = await signIn(ada, '/people?x=1');
    assert.deepEqual([answer.status, answer.headers.location], [303, '/people?x=1']);
    const { body } = await whoAmI(session).expect(200);
    assert.deepEqual(
      [body.role, body.userId, body.userPrincipalName, body.gate.allowed, body.gate.why, body.gate.by],
      ['member', ada.id, ada.userPrincipalName, true, 'in-group', 'graph'],
    );
    for (const path of ['/users', '/status', '/audit', '/integrations', `/gate/${ada.id}`, '/keys'])
      await admin.agent
        .get(`/api/v1${path}`)
        .set('Cookie', session ?? '')
        .expect(403);
    const { action, actor, outcome } = await newestAudit();
    assert.deepEqual([action, actor, outcome], ['sign-in', `person ${tenant.tenantId}/${ada.id}`, 'done']);
    await admin.agent
      .post('/session/sign-out')
      .set({ ...SAME, Cookie: session ?? '' })
      .type('form')
      .expect(303);
    await whoAmI(session).expect(401);
  });

  it('an outsider is not, and is told why', async () => {
    const outsider = await signIn(newPerson({ inGroup: false }));
    assert.deepEqual([outsider.answer.status, outsider.session], [403, null]);
    assert.match(outsider.answer.text, /not in the group/);
    assert.match(
      outsider.answer.text,
      new RegExp(`<a href="/sign-in/${integrationId}\\?[^"]*">Use another account</a>`),
    );
    const { outcome, why } = await newestAudit();
    assert.deepEqual([outcome, why], ['refused', 'out-of-scope']);
  });

  it('where Microsoft will not tell for good, an administrator has to mend it: nobody is told to try again', async () => {
    const nothing = { permissions: ['AuditLog.Read.All'], people: 5, groupMembers: 2, redirectUris: [BACK] };
    const { tenant: other } = simulator.control.createTenant(nothing);
    const { tenantId, clientId, clientSecret } = other;
    const body = newIntegration({ tenantId, clientId, clientSecret });
    const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    const { answer, session } = await signIn(newPerson({}, other), '/', made.integrationId);
    assert.deepEqual([answer.status, session], [409, null]);
    assert.match(answer.text, /An administrator has to mend this integration: Microsoft Graph refuses this read\./);
    assert.doesNotMatch(answer.text, /in a minute/);
    const { outcome, status, why } = await newestAudit();
    assert.deepEqual([outcome, status, why], ['refused', 409, 'Microsoft Graph refuses this read.']);
    await admin.agent.delete(`/api/v1/integrations/${made.integrationId}`).set(operator).expect(204);
  });

  it('without User Sync nobody signs in, though the app may read everyone; who is in is out, and it is offered to nobody', async () => {
    const { tenant: other } = simulator.control.createTenant({ people: 5, groupMembers: 2, redirectUris: [BACK] });
    const { tenantId, clientId, clientSecret } = other;
    const body = newIntegration({ tenantId, clientId, clientSecret, groupId: null });
    const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    const where = made.integrationId as string;
    const who = newPerson({}, other);
    const { session } = await signIn(who, '/', where);
    await whoAmI(session).expect(200);
    await admin.agent
      .patch(`/api/v1/integrations/${where}`)
      .set({ ...operator, 'If-Match': `"${made.revision}"` })
      .send({ features: { userSync: false, mfaVerification: true } })
      .expect(200);
    await whoAmI(session).expect(401);
    const again = await signIn(who, '/', where);
    assert.deepEqual([again.answer.status, again.session], [403, null]);
    assert.match(again.answer.text, /Signing in here needs User Sync, which is off\./);
    assert.doesNotMatch(again.answer.text, /another account/);
    const { outcome, status, why } = await newestAudit();
    assert.deepEqual([outcome, status, why], ['refused', 403, 'user-sync-off']);
    const gate = await admin.agent.get(`/api/v1/gate/${who.id}?integrationId=${where}`).set(operator).expect(200);
    assert.deepEqual([gate.body.allowed, gate.body.why, gate.body.by], [false, 'user-sync-off', 'settings']);
    const toUrls = ({ integrations }: { integrations: { url: string }[] }): string[] =>
      integrations.map(({ url }) => url);
    const { body: choices } = await admin.agent.get('/sign-in').set('Accept', 'application/json').expect(200);
    assert.deepEqual(toUrls(choices), [`/sign-in/${integrationId}`], 'the only one where people sign in');
    await admin.agent.delete(`/api/v1/integrations/${where}`).set(operator).expect(204);
  });

  it('nobody is sent to another site', async () => {
    for (const evil of ['https://evil.example/', '//evil.example', '/\\evil.example'])
      assert.equal((await signIn(newPerson(), evil)).answer.headers.location, '/', evil);
  });

  it('what comes back works once, and only in the browser that began', async () => {
    const { path, cookie } = await walk(newPerson());
    const stolen = await admin.agent.get(path).expect(400);
    assert.ok(!String(stolen.headers['set-cookie']).includes('muster-session'));
    await admin.agent.get(path).set('Cookie', cookie).expect(303);
    await admin.agent.get(path).set('Cookie', cookie).expect(400);
    await admin.agent.get('/oauth2callback/microsoft?state=made-up&code=x').set('Cookie', cookie).expect(400);
  });

  it('a code that Microsoft did not give opens nothing', async () => {
    const { path, cookie } = await walk(newPerson());
    const forged = new URL(path, PUBLIC_URL);
    forged.searchParams.set('code', 'forged');
    const answer = await admin.agent
      .get(forged.pathname + forged.search)
      .set('Cookie', cookie)
      .expect(403);
    assert.match(answer.text, /You are not signed in/);
    assert.equal((await newestAudit()).outcome, 'refused');
  });

  it('named people and a group of admins administer their own integration; operators, by name or group, all', async () => {
    const [named, grouped, olga, shift] = [
      ...[newPerson(), newPerson()],
      ...[newPerson({ userPrincipalName: OPERATOR_NAME }), newPerson()],
    ] as const;
    const { control } = simulator;
    const group = control.createGroup(tenant.tenantId, { displayName: 'Muster admins' });
    control.addMember(tenant.tenantId, group.id, grouped.id);
    control.addMember(tenant.tenantId, operatorGroupId, shift.id);
    await admin.agent
      .put(`/api/v1/integrations/${integrationId}/admins`)
      .set(operator)
      .send({ people: [named.userPrincipalName.toUpperCase()], groupId: group.id })
      .expect(200);
    const roles = [];
    for (const who of [named, grouped, olga, shift]) {
      const { session } = await signIn(who);
      const { body } = await whoAmI(session).expect(200);
      roles.push([body.role, body.integrationId]);
      const { body: list } = await admin.agent
        .get('/api/v1/integrations')
        .set('Cookie', session ?? '')
        .expect(200);
      assert.equal(list.items.length, 1);
      await admin.agent
        .get('/api/v1/keys')
        .set('Cookie', session ?? '')
        .expect(who === olga || who === shift ? 200 : 403);
    }
    assert.deepEqual(roles, [
      ['tenant-admin', integrationId],
      ['tenant-admin', integrationId],
      ['operator', null],
      ['operator', null],
    ]);
  });

  it('whom Graph no longer lets in is out within half a minute while nothing is projected', async () => {
    const ada = newPerson();
    const { session } = await signIn(ada);
    await whoAmI(session).expect(200);
    simulator.control.updateUser(tenant.tenantId, ada.id, { accountEnabled: false });
    passed += 30_000;
    await whoAmI(session).expect(401);
  });

  it('an address of no integration is told so, and the choices of a stranger are few', async () => {
    await admin.agent.get('/sign-in/00000000-0000-4000-8000-000000000000').expect(404);
    await admin.agent.get('/sign-in/nonsense').expect(404);
    const { body, headers } = await admin.agent.get('/sign-in').set('Accept', 'application/json').expect(200);
    assert.match(String(headers['ratelimit-policy']), /q=3000/, 'strangers are counted here too');
    assert.deepEqual(
      [body.integrations.map(({ url }: { url: string }) => url), body.breakGlass],
      [[`/sign-in/${integrationId}`], false],
    );
  });

  it('with nobody left to vouch there is no new sign-in, and sessions end after 15 minutes', async () => {
    const ada = newPerson();
    const { session } = await signIn(ada);
    const late = await walk(ada);
    simulator.control.setFaults({ graphError: { status: 503, share: 1 } });
    passed += 60_000;
    await whoAmI(session).expect(200);
    await admin.agent.get(late.path).set('Cookie', late.cookie).expect(503);
    passed += 14 * 60_000;
    await whoAmI(session).expect(401);
  });
});
