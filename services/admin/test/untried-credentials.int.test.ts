import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSealer, openActiveProof, toSecretContext } from '@muster/store';
import { createResources, testServers } from '@muster/test-support';
import { connect, operator, startWorld, type World } from './simulated-tenant.js';

const inAYear = new Date(Date.now() + 400 * 86_400_000).toISOString();

describe('credentials that cannot be tried', () => {
  let world: World;
  before(async () => {
    world = await startWorld(createResources('admin untried', testServers().mongodbUri), testServers());
  });
  after(() => world.admin.stop());

  const agent = () => world.admin.agent;
  const apply = async (integration: object) =>
    (
      await agent()
        .post('/api/v1/apply')
        .set(operator)
        .send({ integrations: [integration] })
        .expect(200)
    ).body.items[0];

  it('a credential whose sealing key is lost is told in one sentence by whatever needs it, and a file brings it anew', async () => {
    const { tenant, url, integrationId } = await connect(world, { over: { consent: 'delegated' } });
    const { tenantId, clientSecret } = tenant;
    assert.ok(clientSecret);
    const lost = createSealer([randomBytes(32)]).seal(clientSecret, toSecretContext(integrationId, 'a'));
    const { integrations } = world.admin.store;
    const stored = (await integrations.get(integrationId))!;
    const secrets = stored.secrets.map((secret) => ({ ...secret, sealed: lost }));
    assert.ok(await integrations.replace({ ...stored, secrets, revision: stored.revision + 1 }, stored.revision));
    const told = /^The secret that is kept was sealed with a key that MUSTER_KEYS no longer holds\. Add that key/;
    for (const path of ['preview', 'permissions/probe', 'consent', 'check']) {
      const { body } = await agent().post(`${url}/${path}`).set(operator).send({}).expect(409);
      assert.match(body.detail, told, path);
    }
    const { body: tried } = await agent().post(`${url}/secrets/a/test`).set(operator).expect(200);
    assert.deepEqual(
      tried.verdicts.map(({ field, state }: { field: string; state: string }) => [field, state]),
      [['clientSecret', 'problem']],
      'nothing is said of tenant and app',
    );
    const { body: refused } = await agent().post(`${url}/secrets/a/use`).set(operator).expect(409);
    assert.match(refused.detail, /^Not switched: The secret that is kept was sealed with a key/);
    const item = await apply({ tenantId, clientSecret, secretExpiresAt: inAYear });
    assert.deepEqual([item.outcome, item.changes], ['changed', ['clientSecret']], item.problem);
    assert.deepEqual(openActiveProof((await integrations.get(integrationId))!, world.admin.sealer), { clientSecret });
  });

  it('while Microsoft is away a new secret cannot be tried: that is 503, told of this tenant alone in a file', async () => {
    const { url, tenant } = await connect(world, {});
    const { clientSecret } = world.simulator.control.addSecret(tenant.tenantId, tenant.clientId);
    world.simulator.control.setSignInPolicy({ tokenFault: { number: 90033, share: 1 } });
    try {
      const { body } = await agent().post(`${url}/secrets/a/use`).set(operator).expect(503);
      assert.match(body.detail, /Microsoft Graph does not answer\. Try again in \d+ seconds?\./);
      const item = await apply({ tenantId: tenant.tenantId, clientSecret, secretExpiresAt: inAYear });
      assert.equal(item.outcome, 'refused');
      assert.match(item.problem, /does not answer/);
    } finally {
      world.simulator.control.setSignInPolicy({ tokenFault: null });
    }
  });
});
