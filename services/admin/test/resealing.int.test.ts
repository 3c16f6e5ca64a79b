import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSealer, openSlot, toTokensContext, type Sealer } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { createResources, makeCertificate, testServers } from '@muster/test-support';
import { openTarget, toTargetContext } from '../src/alerts/targets.js';
import { createForgetRemoved } from '../src/setup/forget-removed.js';
import { startAdmin, type AdminHarness } from './admin-harness.js';

import { connect, operator, startWorld, type Connected, type World } from './simulated-tenant.js';

const inAYear = (): string => new Date(Date.now() + 400 * 86_400_000).toISOString();
const TOKENS = JSON.stringify({ accessToken: 'an-access-token', cache: 'a-refresh-token' });
const WEBHOOK_SECRET = 'the-secret-of-the-webhook-0123456789';
const PASSWORD = 'the-password-of-the-relay-42';

describe('rotation of the sealing key', () => {
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
  const resources = createResources('resealing', testServers().mongodbUri);
  let world: World;
  let made: Connected;
  let otherSecret = '';
  let privateKey = '';

  before(async () => {
    world = await startWorld(resources, testServers(), { keys: [oldKey] });
    made = await connect(world, {});
    const { url, tenant } = made;
    otherSecret = world.simulator.control.addSecret(tenant.tenantId, tenant.clientId, { days: 400 }).clientSecret;
    await put(world.admin, `${url}/secrets/b`, { clientSecret: otherSecret, secretExpiresAt: inAYear() });
    const pair = await makeCertificate();
    privateKey = pair.privateKey;
    await put(world.admin, `${url}/certificate`, pair);
    await world.admin.store.tokenCaches.put(toTokenCache(made, world.admin.sealer));
    await world.admin.agent
      .put('/api/v1/alerts/targets')
      .set(operator)
      .send({
        webhook: { url: 'https://hooks.example/muster', secret: WEBHOOK_SECRET },
        email: {
          ...{ host: 'mail.example', port: 587, security: 'starttls', user: 'muster', password: PASSWORD },
          ...{ from: 'muster@example.org', to: ['ops@example.org'] },
        },
      })
      .expect(200);
  });
  after(() => resources.remove());

  const put = async ({ agent }: AdminHarness, path: string, body: object): Promise<void> => {
    const { headers } = await agent.get(made.url).set(operator).expect(200);
    const etag = headers.etag ?? '';
    await agent.put(path).set(operator).set('If-Match', etag).send(body).expect(200);
  };
  /** A copy of admin on the same database, with these keys. */
  const adminWith = (...keys: Buffer[]) =>
    startAdmin({ resources, brokers: testServers().kafkaBrokers, simulatorUrl: world.origin, keys });
  const rotate = ({ agent }: AdminHarness) => agent.post('/api/v1/sealing/rotate').set(operator);

  it('seals both secrets, the certificate, the consent and the targets of alerts with the newest key', async () => {
    const admin = await adminWith(newKey, oldKey);
    const { body } = await rotate(admin).expect(200);
    assert.deepEqual(body, { resealed: 1, upToDate: 0 });

    const sealer = createSealer([newKey]);
    const settings = (await admin.store.integrations.get(made.integrationId))!;
    assert.deepEqual(openSlot(settings, 'a', sealer), { clientSecret: made.tenant.clientSecret });
    assert.deepEqual(openSlot(settings, 'b', sealer), { clientSecret: otherSecret });
    const proof = openSlot(settings, 'certificate', sealer);
    assert.equal(proof && 'certificate' in proof && proof.certificate.privateKey.trim(), privateKey.trim());
    const { sealed } = (await admin.store.tokenCaches.get(made.integrationId))!;
    assert.equal(sealer.open(sealed, toTokensContext(made.integrationId)), TOKENS);
    const { webhook, email } = (await admin.store.alertTargets.get())!;
    assert.equal(sealer.open(webhook!.sealedSecret, toTargetContext('webhook')), WEBHOOK_SECRET);
    assert.equal(sealer.open(email!.sealedPassword!, toTargetContext('email')), PASSWORD);
  });

  it('after it the older key may go: everything works without it, and there is nothing left to seal', async () => {
    const admin = await adminWith(newKey);
    for (const slot of ['a', 'b']) {
      const { body } = await admin.agent.post(`${made.url}/secrets/${slot}/test`).set(operator).expect(200);
      assert.equal(body.ok, true, JSON.stringify(body));
    }
    const targets = await admin.store.alertTargets.get();
    const options = { sealer: admin.sealer, privateHosts: [], now: () => new Date() };
    for (const kind of ['webhook', 'email'] as const) assert.ok(openTarget(targets, kind, options));
    const { body } = await rotate(admin).expect(200);
    assert.deepEqual(body, { resealed: 0, upToDate: 1 });
  });

  it('whose secret was sealed with a key that is gone is told, whichever kind it is', async () => {
    const stranger = createSealer([randomBytes(32)]);
    const admin = await adminWith(newKey);
    await admin.store.tokenCaches.put(toTokenCache(made, stranger));
    const { body, text } = await rotate(admin).expect(409);
    assert.match(body.detail, new RegExp(`consent of integration ${made.integrationId} cannot be opened`));
    assert.ok(!text.includes('an-access-token'));
    await admin.store.tokenCaches.put(toTokenCache(made, admin.sealer));
    const targets = (await admin.store.alertTargets.get())!;
    const webhook = { ...targets.webhook!, sealedSecret: stranger.seal(WEBHOOK_SECRET, toTargetContext('webhook')) };
    await admin.store.alertTargets.save({ ...targets, webhook, revision: targets.revision + 1 });
    const { body: refused } = await rotate(admin).expect(409);
    assert.match(refused.detail, /targets of alerts cannot be opened/);
  });

  it('one that cannot be opened keeps none of the others from it', async () => {
    const [newest, stranger] = [randomBytes(32), createSealer([randomBytes(32)])];
    const admin = await adminWith(newest, newKey);
    const settings = (await admin.store.integrations.get(made.integrationId))!;
    const lost = { ...settings.secrets[0]!, sealed: stranger.seal('x', `secret/${settings.integrationId}/a`) };
    const broken = { ...settings, secrets: [lost, ...settings.secrets.slice(1)], revision: settings.revision + 1 };
    assert.ok(await admin.store.integrations.replace(broken, settings.revision));
    const targets = (await admin.store.alertTargets.get())!;
    const webhook = { ...targets.webhook!, sealedSecret: createSealer([newKey]).seal('s', toTargetContext('webhook')) };
    await admin.store.alertTargets.save({ ...targets, webhook, revision: targets.revision + 1 });
    await admin.store.tokenCaches.put(toTokenCache(made, createSealer([newKey])));
    const { body } = await rotate(admin).expect(409);
    assert.match(body.detail, new RegExp(`A secret of integration ${made.integrationId} cannot be opened`));
    const sealer = createSealer([newest]);
    const { sealed } = (await admin.store.tokenCaches.get(made.integrationId))!;
    assert.equal(sealer.open(sealed, toTokensContext(made.integrationId)), TOKENS);
    assert.equal(
      sealer.open((await admin.store.alertTargets.get())!.webhook!.sealedSecret, toTargetContext('webhook')),
      's',
    );
  });

  it('a removed integration is forgotten once it is unsubscribed: secrets, certificate and tokens', async () => {
    const admin = await adminWith(newKey);
    let passed = 0;
    const forget = createForgetRemoved({
      store: admin.store,
      logger: createLogger({ service: 'admin', level: 'silent' }),
      now: () => new Date(Date.now() + passed),
    });
    await admin.agent.delete(made.url).set(operator).expect(204);
    const held = async () => {
      const { secrets, certificate, activeSlot } = (await admin.store.integrations.get(made.integrationId))!;
      const tokens = (await admin.store.tokenCaches.get(made.integrationId)) !== null;
      return { secrets: secrets.length, certificate: certificate != null, activeSlot, tokens };
    };
    await forget();
    assert.deepEqual(await held(), { secrets: 2, certificate: true, activeSlot: 'a', tokens: true });
    passed = 10 * 60_000;
    await forget();
    assert.deepEqual(await held(), { secrets: 0, certificate: false, activeSlot: null, tokens: false });
  });
});

const toTokenCache = ({ integrationId, tenant }: Connected, sealer: Sealer) => {
  const at = new Date().toISOString();
  return {
    ...{ integrationId, tenantId: tenant.tenantId, clientId: tenant.clientId, scopes: ['User.Read.All'] },
    sealed: sealer.seal(TOKENS, toTokensContext(integrationId)),
    account: { userId: tenant.groupId, username: 'admin@example.org' },
    ...{ version: at, expiresAt: at, consentedAt: at, refreshedAt: at, refused: null },
  };
};
