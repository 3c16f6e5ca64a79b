import assert from 'node:assert/strict';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';

const testRun = (label: string) => ({
  resources: createResources(label, testServers().mongodbUri),
  brokers: testServers().kafkaBrokers,
});

const SAME = { 'Sec-Fetch-Site': 'same-origin' };

describe('status page', () => {
  let admin: AdminHarness;
  before(async () => {
    admin = await startAdmin({ ...testRun('admin pages'), publicUrl: 'https://muster.example.com' });
  });
  after(() => admin.stop());

  const signIn = async (): Promise<string> => {
    const response = await admin.agent.post('/session').set(SAME).type('form').send({ key: OPERATOR_KEY }).expect(303);
    return String(response.headers['set-cookie']);
  };

  it('without a session asks for a key, under a policy that lets nothing inline run', async () => {
    const { text, headers } = await admin.agent.get('/').expect(401);
    assert.match(text, /<form method="post" action="\/session"/);
    assert.match(headers['content-security-policy'] ?? '', /default-src 'none'.*script-src 'self'/);
    assert.ok(!/<style|style=|<script(?! type="module" src=)| on\w+=/.test(text), text);
  });

  it('a pasted key opens a session by a cookie that no script and no other site can use', async () => {
    const cookie = await signIn();
    assert.match(cookie, /^__Host-muster-session=[\w-]{43};/);
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/'])
      assert.ok(cookie.includes(attribute), cookie);
    assert.ok(!cookie.includes(OPERATOR_KEY));
    const { text } = await admin.agent.get('/').set('Cookie', cookie).expect(200);
    assert.match(text, /No tenant is connected yet/);
    await admin.agent.get('/api/v1/status').set('Cookie', cookie).expect(200);
  });

  it('a wrong key is told so and opens nothing', async () => {
    const response = await admin.agent.post('/session').set(SAME).type('form').send({ key: '<b>wrong' }).expect(401);
    assert.equal(response.headers['set-cookie'], undefined);
    assert.match(response.text, /role="alert"/);
    assert.ok(!response.text.includes('<b>wrong'));
  });

  it('another site can neither open a session nor use one to change things', async () => {
    const form = admin.agent.post('/session').type('form').send({ key: OPERATOR_KEY });
    await form.set({ 'Sec-Fetch-Site': 'cross-site' }).expect(403);
    const cookie = await signIn();
    const post = () => admin.agent.post('/api/v1/keys').set('Cookie', cookie).send({ name: 'x', role: 'operator' });
    await post().set({ 'Sec-Fetch-Site': 'same-site' }).expect(403);
    await post().set({ Origin: 'https://evil.example' }).expect(403);
    await post().expect(403);
    await post().set(SAME).expect(201);
  });

  it('signing out ends the session at the server', async () => {
    const cookie = await signIn();
    await admin.agent.post('/session/end').set(SAME).set('Cookie', cookie).expect(303);
    await admin.agent.get('/api/v1/status').set('Cookie', cookie).expect(401);
  });

  it('a name that holds markup is shown as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const body = newIntegration({ name });
    await admin.agent.post('/api/v1/integrations').set(bearer(OPERATOR_KEY)).send(body).expect(201);
    const { text } = await admin.agent
      .get('/')
      .set('Cookie', await signIn())
      .expect(200);
    assert.ok(text.includes('&lt;img src=x onerror=alert(1)&gt;') && !text.includes(name));
    assert.match(text, /A draft: nothing runs yet\./);
  });

  it('its files come from here', async () => {
    const { headers } = await admin.agent.get('/assets/page.css').expect(200);
    assert.match(headers['content-type'] ?? '', /text\/css/);
    await admin.agent.get('/assets/../package.json').expect(404);
    await admin.agent.get('/assets/none.css').expect(404);
  });
});

describe('outages', () => {
  it('MongoDB away: 503 that names it, for programs and for people', async () => {
    const admin = await startAdmin({ ...testRun('admin outage') });
    await admin.store.close();
    const { body, headers } = await admin.agent.get('/api/v1/status').set(bearer(OPERATOR_KEY)).expect(503);
    assert.match(body.detail, /MongoDB does not answer/);
    assert.equal(headers['retry-after'], '5');
    const cookie = `muster-session=${'x'.repeat(43)}`;
    const { text } = await admin.agent.get('/').set('Cookie', cookie).set('Accept', 'text/html').expect(503);
    assert.match(text, /A service is missing.*MongoDB does not answer/s);
    await admin.stop();
  });
});
