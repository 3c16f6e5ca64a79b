import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { syncRequest } from '@muster/contracts';
import { createSealer, openActiveProof, openSlot, toSecretContext } from '@muster/store';
import { createResources, makeCertificate, testServers } from '@muster/test-support';

import { newIntegration } from './admin-harness.js';
import { connect, operator, startWorld, type World } from './simulated-tenant.js';

const YEAR = 400 * 86_400_000;
const inAYear = (): string => new Date(Date.now() + YEAR).toISOString();
type Credential = { slot: string; hint: string; inUse: boolean; daysLeft: number; warning: { text: string } | null };

describe('credentials in two slots and a certificate', () => {
  let world: World;
  before(async () => {
    world = await startWorld(createResources('admin secrets', testServers().mongodbUri), testServers());
  });
  after(() => world.admin.stop());

  const agent = () => world.admin.agent;
  const list = async (url: string) => {
    const { body, text, headers } = await agent().get(`${url}/secrets`).set(operator).expect(200);
    assert.doesNotMatch(text, /sealed|PRIVATE/);
    return { ...(body as { items: Credential[]; freeSlot: string }), etag: headers.etag ?? '', text };
  };
  const put = async (url: string, slot: string, clientSecret: string) => {
    const { etag } = await list(url);
    return agent()
      .put(`${url}/secrets/${slot}`)
      .set(operator)
      .set('If-Match', etag)
      .send({ clientSecret, secretExpiresAt: inAYear() });
  };
  const addSecret = (tenantId: string, clientId: string, days = 400) =>
    world.simulator.control.addSecret(tenantId, clientId, { days });

  it('a new one is entered beside the old, tested, switched to; the old stays until it is removed', async () => {
    const { url, tenant } = await connect(world, {});
    const { clientSecret } = addSecret(tenant.tenantId, tenant.clientId);
    const entered = await put(url, 'b', clientSecret);
    assert.equal(entered.status, 200, entered.text);
    assert.ok(!entered.text.includes(clientSecret) && entered.text.includes(clientSecret.slice(-4)));
    const uses = async () => (await list(url)).items.filter(({ inUse }) => inUse).map(({ slot }) => slot);
    assert.deepEqual(await uses(), ['a']);
    const { body: test } = await agent().post(`${url}/secrets/b/test`).set(operator).expect(200);
    assert.equal(test.ok, true, JSON.stringify(test));
    assert.deepEqual(await uses(), ['a']);
    await agent().post(`${url}/secrets/b/use`).set(operator).expect(200);
    assert.deepEqual(await uses(), ['b']);
    assert.equal((await list(url)).items.length, 2);
    await agent().delete(`${url}/secrets/b`).set(operator).expect(409);
    await agent().delete(`${url}/secrets/a`).set(operator).expect(200);
    assert.deepEqual(
      (await list(url)).items.map(({ slot }) => slot),
      ['b'],
    );
    await agent().delete(`${url}/secrets/a`).set(operator).expect(404);
  });

  it('one that Microsoft refuses is not switched to, and the one in use is never overwritten', async () => {
    const { url } = await connect(world, {});
    assert.equal((await put(url, 'b', 'a-wrong-secret~value')).status, 200);
    const { body: test } = await agent().post(`${url}/secrets/b/test`).set(operator).expect(200);
    assert.equal(test.ok, false);
    const refused = await agent().post(`${url}/secrets/b/use`).set(operator).expect(409);
    assert.match(refused.body.detail, /^Not switched: The client secret is wrong\./);
    const overwritten = await put(url, 'a', 'another-wrong~value');
    assert.equal(overwritten.status, 409);
    const { body: check } = await agent().post(`${url}/check`).set(operator).expect(200);
    assert.equal(check.ok, true, JSON.stringify(check));
  });

  it('one that has expired already is replaced: nothing else changes, and what was missed is swept up', async () => {
    const { url, tenant, integrationId } = await connect(world, {});
    await agent().post(`${url}/start`).set(operator).expect(200);
    const { keyId } = world.simulator.control
      .describeSignIn(tenant.tenantId)
      .apps.find(({ clientId }) => clientId === tenant.clientId)!.secrets[0]!;
    const expired = addSecret(tenant.tenantId, tenant.clientId, -1);
    world.simulator.control.removeSecret(tenant.tenantId, tenant.clientId, keyId);
    const stored = (await world.admin.store.integrations.get(integrationId))!;
    const ended = {
      ...stored.secrets[0]!,
      sealed: world.admin.sealer.seal(expired.clientSecret, toSecretContext(integrationId, 'a')),
      expiresAt: new Date(Date.now() - 86_400_000).toISOString(),
    };
    await world.admin.store.integrations.replace(
      { ...stored, secrets: [ended], revision: stored.revision + 1 },
      stored.revision,
    );
    const { body: check } = await agent().post(`${url}/check`).set(operator).expect(200);
    assert.ok(
      check.verdicts.some(
        ({ field, text }: { field: string; text: string }) => field === 'clientSecret' && /expired/.test(text),
      ),
    );
    const fresh = addSecret(tenant.tenantId, tenant.clientId);
    assert.equal((await put(url, 'b', fresh.clientSecret)).status, 200);
    await agent().post(`${url}/secrets/b/use`).set(operator).expect(200);
    const after = (await world.admin.store.integrations.get(integrationId))!;
    assert.deepEqual(openActiveProof(after, world.admin.sealer), { clientSecret: fresh.clientSecret });
    const { secrets: _s, activeSlot: _a, revision: _r, updatedAt: _u, ...kept } = after;
    const { secrets: _s2, activeSlot: _a2, revision: _r2, updatedAt: _u2, ...before } = stored;
    assert.deepEqual(kept, before);
    const [newest] = await world.admin.eventLog.readNewest('requests', 1);
    const request = syncRequest.parse(JSON.parse(newest!.value!.toString()));
    assert.deepEqual([request.type, request.integrationId], ['sweep', integrationId]);
  });

  it('an edit of a running integration takes no secret and no app that Microsoft refuses', async () => {
    const { url, tenant, integrationId } = await connect(world, {});
    await agent().post(`${url}/start`).set(operator).expect(200);
    const before = (await world.admin.store.integrations.get(integrationId))!;
    const edit = async (body: object) =>
      agent()
        .patch(url)
        .set(operator)
        .set('If-Match', (await list(url)).etag)
        .send(body);
    const secretExpiresAt = new Date(Date.now() + 400 * 86_400_000).toISOString();
    const wrong = await edit({ clientSecret: 'a-wrong-secret~value', secretExpiresAt });
    assert.deepEqual(
      [wrong.status, /^Nothing was changed: The client secret is wrong/.test(wrong.body.detail)],
      [409, true],
    );
    const other = await edit({ clientId: '99999999-9999-4999-8999-999999999999' });
    assert.equal(other.status, 409, JSON.stringify(other.body));
    assert.deepEqual(await world.admin.store.integrations.get(integrationId), before);
    const { clientSecret } = addSecret(tenant.tenantId, tenant.clientId);
    assert.equal((await edit({ clientSecret, secretExpiresAt })).status, 200);
    const after = (await world.admin.store.integrations.get(integrationId))!;
    assert.deepEqual(openActiveProof(after, world.admin.sealer), { clientSecret });
  });

  it('nor does an edit of a paused one, which goes on with it as soon as it is started', async () => {
    const { url, integrationId } = await connect(world, {});
    await agent().post(`${url}/start`).set(operator).expect(200);
    await agent().post(`${url}/pause`).set(operator).expect(200);
    const before = (await world.admin.store.integrations.get(integrationId))!;
    const { etag } = await list(url);
    const wrong = { clientSecret: 'a-wrong-secret~value', secretExpiresAt: inAYear() };
    const { body } = await agent().patch(url).set(operator).set('If-Match', etag).send(wrong).expect(409);
    assert.match(body.detail, /^Nothing was changed: The client secret is wrong/);
    assert.deepEqual(await world.admin.store.integrations.get(integrationId), before);
  });

  it('two admins do not enter over each other; the end that is near is told', async () => {
    const { url, tenant } = await connect(world, {});
    const { etag } = await list(url);
    const { clientSecret } = addSecret(tenant.tenantId, tenant.clientId);
    const secretExpiresAt = new Date(Date.now() + 6.5 * 86_400_000).toISOString();
    const send = () =>
      agent().put(`${url}/secrets/b`).set(operator).set('If-Match', etag).send({ clientSecret, secretExpiresAt });
    await send().expect(200);
    await send().expect(412);
    const warned = (await list(url)).items.find(({ slot }) => slot === 'b');
    assert.match(warned?.warning?.text ?? '', /expires in 6 days/);
  });

  it('a certificate stands in for a secret; its key is sealed and never shown', async () => {
    const { url, tenant, integrationId } = await connect(world, {});
    const { certificate, privateKey } = await makeCertificate();
    world.simulator.control.addCertificate(tenant.tenantId, tenant.clientId, { pem: certificate, displayName: 'one' });
    const send = async (body: object) =>
      agent()
        .put(`${url}/certificate`)
        .set(operator)
        .set('If-Match', (await list(url)).etag)
        .send(body);
    const entered = await send({ certificate, privateKey });
    assert.equal(entered.status, 200, entered.text);
    assert.doesNotMatch(entered.text, /PRIVATE/);
    await agent().post(`${url}/secrets/certificate/use`).set(operator).expect(200);
    const { body: check } = await agent().post(`${url}/check`).set(operator).expect(200);
    assert.equal(check.ok, true, JSON.stringify(check));
    const stored = (await world.admin.store.integrations.get(integrationId))!;
    assert.equal(stored.activeSlot, 'certificate');
    assert.doesNotMatch(JSON.stringify(stored), /PRIVATE/);
    const other = await makeCertificate();
    const mixed = await send({ certificate: other.certificate, privateKey });
    assert.deepEqual([mixed.status, mixed.body.problems?.[0]?.field], [400, 'privateKey']);
    const noKey = await send({ certificate, privateKey: certificate });
    assert.equal(noKey.body.problems?.[0]?.field, 'privateKey');
  });

  it('a certificate alone is enough: tried while it is typed, saved, checked; a secret beside it is refused', async () => {
    const { tenant } = world.simulator.control.createTenant({ people: 5, groupMembers: 3 });
    const pem = await makeCertificate();
    const { tenantId, clientId, groupId } = tenant;
    const {
      clientSecret: _,
      secretExpiresAt: __,
      ...body
    } = newIntegration({ tenantId, clientId, groupId }) as Record<string, unknown>;
    const check = async (certificate: object) => {
      const typed = { tenantId, clientId, cloud: 'custom', certificate };
      return (await agent().post('/api/v1/setup/check').set(operator).send(typed).expect(200)).body.verdicts;
    };
    const of = (verdicts: { field: string; state: string; text: string }[]) =>
      verdicts.find(({ field }) => field === 'certificate');
    assert.equal(of(await check(pem))?.state, 'problem', 'not uploaded yet');
    world.simulator.control.addCertificate(tenantId, clientId, { pem: pem.certificate, displayName: 'one' });
    assert.equal(of(await check(pem))?.state, 'ok');
    const torn = await check({ ...pem, privateKey: 'half a key' });
    assert.match(of(torn)?.text ?? '', /private key is no RSA private key/);
    assert.ok(!torn.some(({ field }: { field: string }) => field === 'clientSecret'));

    const create = (more: object) =>
      agent()
        .post('/api/v1/integrations')
        .set(operator)
        .send({ ...body, ...more });
    const none = await create({ name: undefined });
    assert.deepEqual(
      none.body.problems.map(({ field }: { field: string }) => field).sort(),
      ['clientSecret', 'name', 'secretExpiresAt'],
      'beside what else is wrong',
    );
    const both = await create({ certificate: pem, clientSecret: 'abc~DEF-secret', secretExpiresAt: inAYear() });
    assert.equal(both.body.problems[0].field, 'certificate');
    const made = await create({ certificate: pem });
    assert.equal(made.status, 201, made.text);
    assert.doesNotMatch(made.text, /PRIVATE/);
    const url = `/api/v1/integrations/${made.body.integrationId}`;
    assert.equal((await agent().post(`${url}/check`).set(operator).expect(200)).body.ok, true);
    assert.deepEqual(
      (await list(url)).items.map(({ slot, inUse }) => [slot, inUse]),
      [['certificate', true]],
    );
  });

  it('a new sealing key takes over everything, and the old one may go', async () => {
    const { integrationId, tenant } = await connect(world, {});
    const older = createSealer([randomBytes(32)]);
    const stored = (await world.admin.store.integrations.get(integrationId))!;
    const sealed = older.seal('kept', toSecretContext(integrationId, 'a'));
    await world.admin.store.integrations.replace(
      { ...stored, secrets: [{ ...stored.secrets[0]!, sealed }], revision: stored.revision + 1 },
      stored.revision,
    );
    const unknown = await agent().post('/api/v1/sealing/rotate').set(operator).expect(409);
    assert.match(unknown.body.detail, new RegExp(integrationId));
    assert.doesNotMatch(unknown.text, /kept/);
    await world.admin.store.integrations.replace({ ...stored, revision: stored.revision + 2 }, stored.revision + 1);
    const { body } = await agent().post('/api/v1/sealing/rotate').set(operator).expect(200);
    assert.equal(body.resealed, 0);
    const rotated = await startWorld(createResources('admin rotated', testServers().mongodbUri), testServers(), {
      keys: [randomBytes(32), ...world.admin.keys],
    });
    try {
      await rotated.admin.store.integrations.insert({ ...stored, revision: 1 });
      const { body: first } = await rotated.admin.agent.post('/api/v1/sealing/rotate').set(operator).expect(200);
      assert.deepEqual(first, { resealed: 1, upToDate: 0 });
      const onlyNew = createSealer(rotated.admin.keys.slice(0, 1));
      const after = (await rotated.admin.store.integrations.get(integrationId))!;
      assert.deepEqual(openSlot(after, 'a', onlyNew), { clientSecret: tenant.clientSecret });
      const { body: again } = await rotated.admin.agent.post('/api/v1/sealing/rotate').set(operator).expect(200);
      assert.deepEqual(again, { resealed: 0, upToDate: 1 });
    } finally {
      await rotated.admin.stop();
    }
  });
});
