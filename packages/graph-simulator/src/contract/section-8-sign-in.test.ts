import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import request from 'supertest';
import { DAY, START, createScene } from '../../test/scene.js';
import { claimsOf, setUpSignIn } from '../../test/sign-in-scene.js';
import { createLocalTls } from '../local-tls.js';

type Credential = { hint: string; keyId: string; endDateTime: string; secretText: null; customKeyIdentifier: null };

type Body = Record<string, unknown>;

describe('contract 8.1, client credentials', () => {
  it('8.1 the answer is a bearer token for 3,599 s, without a refresh token', async () => {
    const { askToken } = await createScene();
    const { status, body } = (await askToken()) as { status: number; body: Body };
    const { access_token: token, ...rest } = body;
    assert.deepEqual([status, rest], [200, { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599 }]);
    assert.match(String(token), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('8.1 permissions that were consented to are the roles of the token; without consent it has no roles', async () => {
    const { askToken, control, tenant, tenantId } = await createScene();
    const claims = async () => claimsOf(((await askToken()) as { body: Body }).body['access_token']);
    assert.deepEqual((await claims())['roles'], tenant.permissions);
    control.updateApp(tenantId, tenant.clientId, { granted: [] });
    assert.equal('roles' in (await claims()), false);
  });
});

describe('contract 8.3, errors', () => {
  it('8.3 the body has all fields, the number in text and list, and the correlation id of the caller', async () => {
    const { simulator, tenantId, tenant } = await createScene();
    const correlation = '99999999-9999-4999-8999-999999999999';
    const { body, headers } = (await request(simulator.app)
      .post(`/${tenantId}/oauth2/v2.0/token`)
      .set('client-request-id', correlation)
      .type('form')
      .send({
        grant_type: 'client_credentials',
        client_id: tenant.clientId,
        client_secret: 'wrong',
        scope: 'https://graph.microsoft.com/.default',
      })) as { body: Body; headers: Record<string, string> };
    assert.deepEqual(Object.keys(body).sort(), [
      'correlation_id',
      'error',
      'error_codes',
      'error_description',
      'error_uri',
      'timestamp',
      'trace_id',
    ]);
    assert.deepEqual([body['error'], body['error_codes']], ['invalid_client', [7000215]]);
    assert.equal(body['correlation_id'], correlation);
    assert.match(String(body['timestamp']), /^2026-11-23 12:00:00Z$/);
    assert.match(String(body['error_description']), /^AADSTS7000215: /);
    assert.match(headers['content-type'] ?? '', /json/);
  });
});

describe('contract 8.4, lifetimes and secrets', () => {
  const permissions = ['Application.Read.All'];

  it('8.4 passwordCredentials are read by appId and $select: hint, dates, and never the secret', async () => {
    const { get, tenant } = await createScene({ plan: { permissions } });
    const { body } = await get(`/applications?$filter=appId eq '${tenant.clientId}'&$select=appId,passwordCredentials`);
    const [app] = body.value;
    assert.deepEqual(Object.keys(app!).sort(), ['appId', 'passwordCredentials']);
    const [{ keyId, ...secret }] = app!['passwordCredentials'] as [Credential];
    assert.match(keyId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(secret, {
      customKeyIdentifier: null,
      displayName: 'first',
      endDateTime: new Date(START + 180 * DAY).toISOString().replace('.000Z', 'Z'),
      hint: tenant.clientSecret!.slice(0, 3),
      secretText: null,
      startDateTime: new Date(START).toISOString().replace('.000Z', 'Z'),
    });
  });

  it('8.4 several secrets are told apart by their hints, the newest first', async () => {
    const { get, control, tenant, tenantId } = await createScene({ plan: { permissions } });
    const { clientSecret } = control.addSecret(tenantId, tenant.clientId);
    const [app] = (await get('/applications')).body.value;
    assert.deepEqual(
      (app!['passwordCredentials'] as Credential[]).map(({ hint }) => hint),
      [clientSecret.slice(0, 3), tenant.clientSecret!.slice(0, 3)],
    );
    const alone = await get(`/applications/${app!.id}?$select=displayName`);
    assert.deepEqual([alone.status, alone.body['displayName']], [200, 'Muster']);
  });

  it('8.4 with Application.ReadWrite.OwnedBy an app reads what it owns', async () => {
    const { get, control, tenant, tenantId } = await createScene({
      plan: { permissions: ['Application.ReadWrite.OwnedBy'] },
    });
    control.registerApp(tenantId, { displayName: 'Other', requested: [] });
    assert.deepEqual(
      (await get('/applications')).body.value.map((app) => app['appId']),
      [tenant.clientId],
    );
  });

  it('8.4 an access token of a person lives 60 to 90 minutes at random, the id token an hour', async () => {
    const { walk, redeem } = await setUpSignIn();
    const lives = new Set<number>();
    for (let turn = 0; turn < 6; turn += 1) {
      const { body } = await redeem((await walk()).code);
      const id = claimsOf(body['id_token']);
      assert.equal(Number(id['exp']) - Number(id['iat']), 3_600);
      lives.add(Number(body['expires_in']));
    }
    assert.ok(
      [...lives].every((life) => life >= 3_599 && life <= 5_400),
      [...lives].join(),
    );
    assert.ok(lives.size > 1);
  });

  it('8.4 an access token ends at its time, whatever was revoked before: 401 afterwards', async () => {
    const { walk, redeem, graph, control, tenant, person, clock } = await setUpSignIn();
    const { body } = await redeem((await walk()).code);
    control.revokeSignIns(tenant.tenantId, person.id, 'revoked');
    assert.equal((await graph(body['access_token'], '/me')).status, 200);
    clock.advance(Number(body['expires_in']) * 1_000);
    assert.equal((await graph(body['access_token'], '/me')).status, 401);
  });

  it('8.4 a secret lives 24 months at most, and its value is shown once', async () => {
    const { simulator, tenantId, tenant } = await createScene();
    const secrets = `/_simulator/tenants/${tenantId}/apps/${tenant.clientId}/secrets`;
    const call = request(simulator.app);
    await call.post(secrets).send({ days: 731 }).expect(400);
    const { clientSecret } = (await call.post(secrets).send({ days: 730 }).expect(201)).body as Body;
    const { text } = await call.get(`/_simulator/tenants/${tenantId}/sign-in`).expect(200);
    assert.equal(text.includes(String(clientSecret)), false);
  });
});

describe('contract 8.5, what libraries need', () => {
  it('8.5 discovery stands at {authority}/v2.0/.well-known/openid-configuration and names the other addresses', async () => {
    const { simulator, tenantId } = await createScene();
    const { body } = (await request(simulator.app)
      .get(`/${tenantId}/v2.0/.well-known/openid-configuration`)
      .expect(200)) as { body: Body };
    for (const name of ['token_endpoint', 'authorization_endpoint', 'jwks_uri', 'issuer', 'end_session_endpoint'])
      assert.ok(String(body[name]).includes(`/${tenantId}/`), name);
  });

  it('8.5 a client that asks about the cloud is told that this host is one', async () => {
    const { simulator } = await createScene();
    const { body } = (await request(simulator.app)
      .get('/common/discovery/instance?api-version=1.1&authorization_endpoint=x')
      .set('host', 'localhost:4010')
      .expect(200)) as { body: { metadata: { preferred_network: string; aliases: string[] }[] } };
    assert.deepEqual(
      body.metadata.map(({ preferred_network: network, aliases }) => [network, aliases]),
      [['localhost:4010', ['localhost:4010']]],
    );
  });

  it('8.5 the throw-away authority vouches for localhost, and only an authority may sign', async () => {
    const { ca, cert } = await createLocalTls(Date.now());
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)];
    assert.ok(server.checkIssued(authority) && server.verify(authority.publicKey));
    assert.deepEqual([authority.ca, server.ca], [true, false]);
    assert.equal(server.checkHost('localhost'), 'localhost');
    assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
  });
});
