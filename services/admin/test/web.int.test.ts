import assert from 'node:assert/strict';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, startAdmin, type AdminHarness } from './admin-harness.js';

const testRun = (label: string) => ({
  resources: createResources(label, testServers().mongodbUri),
  brokers: testServers().kafkaBrokers,
});

const SAME = { 'Sec-Fetch-Site': 'same-origin' };
const HTML = { Accept: 'text/html,*/*' };

describe('pages', () => {
  let admin: AdminHarness;
  before(async () => {
    admin = await startAdmin({ ...testRun('admin pages'), publicUrl: 'https://muster.example.com' });
  });
  after(() => admin.stop());

  it('every address of a page gives the same document, under a policy that lets nothing inline run', async () => {
    for (const path of ['/', '/people', '/settings/integrations/microsoft-365/new', '/sign-in']) {
      const { text, headers } = await admin.agent.get(path).set(HTML).expect(200);
      assert.match(
        headers['content-security-policy'] ?? '',
        /default-src 'none';.*script-src 'self';.*style-src 'self'/,
      );
      assert.equal(headers['cache-control'], 'no-cache');
      assert.ok(!/<style|style=|<script(?![^>]* src="\/)| on\w+=|https?:/.test(text), text);
    }
  });

  it('files whose name holds their hash are kept for a year, and come compressed', async () => {
    const { text } = await admin.agent.get('/').set(HTML).expect(200);
    const files = [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, file]) => file!);
    assert.ok(files.length > 1, text);
    for (const file of files) {
      const { headers } = await admin.agent.get(file).set('Accept-Encoding', 'gzip').expect(200);
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable', file);
      assert.equal(headers['content-encoding'], 'gzip', file);
    }
  });

  it('what alerts link to is there, without a session', async () => {
    const { text } = await admin.agent.get('/runbook').set(HTML).expect(200);
    assert.ok(text.includes('id="drift"'), text.slice(0, 500));
  });

  it('what is no page is not answered with one', async () => {
    await admin.agent.get('/api/v1/none').set(HTML).set(bearer(OPERATOR_KEY)).expect(404);
    for (const path of ['/assets/none.js', '/assets/../package.json', '/session'])
      await admin.agent.get(path).set(HTML).expect(404);
    await admin.agent.get('/people').set('Accept', 'application/json').expect(404);
  });
});

describe('sessions', () => {
  let admin: AdminHarness;
  before(async () => {
    admin = await startAdmin({ ...testRun('admin sessions'), publicUrl: 'https://muster.example.com' });
  });
  after(() => admin.stop());

  const signIn = async (): Promise<string> => {
    const response = await admin.agent.post('/session').set(SAME).send({ key: OPERATOR_KEY }).expect(204);
    return String(response.headers['set-cookie']);
  };

  it('a pasted key opens a session by a cookie that no script and no other site can use', async () => {
    const cookie = await signIn();
    assert.match(cookie, /^__Host-muster-session=[\w-]{43};/);
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/'])
      assert.ok(cookie.includes(attribute), cookie);
    assert.ok(!cookie.includes(OPERATOR_KEY));
    await admin.agent.get('/api/v1/status').set('Cookie', cookie).expect(200);
  });

  it('a wrong key is told so and opens nothing', async () => {
    const response = await admin.agent.post('/session').set(SAME).send({ key: '<b>wrong' }).expect(401);
    assert.equal(response.headers['set-cookie'], undefined);
    assert.match(response.body.detail, /not known/);
    assert.ok(!response.text.includes('<b>wrong'));
  });

  it('another site can neither open a session nor use one to change things', async () => {
    const open = admin.agent.post('/session').send({ key: OPERATOR_KEY });
    await open.set({ 'Sec-Fetch-Site': 'cross-site' }).expect(403);
    const cookie = await signIn();
    const post = () => admin.agent.post('/api/v1/keys').set('Cookie', cookie).send({ name: 'x', role: 'operator' });
    await post().set({ 'Sec-Fetch-Site': 'same-site' }).expect(403);
    await post().set({ Origin: 'https://evil.example' }).expect(403);
    await post().expect(403);
    await post().set(SAME).expect(201);
  });

  it('signing out ends the session at the server', async () => {
    const cookie = await signIn();
    await admin.agent.post('/session/end').set(SAME).set('Cookie', cookie).expect(204);
    await admin.agent.get('/api/v1/status').set('Cookie', cookie).expect(401);
  });
});

describe('outages', () => {
  it('MongoDB away: 503 that names it; the pages themselves still come', async () => {
    const admin = await startAdmin({ ...testRun('admin outage') });
    await admin.store.close();
    const { body, headers } = await admin.agent.get('/api/v1/status').set(bearer(OPERATOR_KEY)).expect(503);
    assert.match(body.detail, /MongoDB does not answer/);
    assert.equal(headers['retry-after'], '5');
    await admin.agent.get('/').set(HTML).expect(200);
    await admin.stop();
  });
});
