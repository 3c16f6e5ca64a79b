import assert from 'node:assert/strict';
import request from 'supertest';
import type { Fields, Scene } from '../../test/sign-in-scene.js';
import { BACK, SCOPES, START, challengeOf, claimsOf, setUpSignIn } from '../../test/sign-in-scene.js';

type Answer = { status: number; body: Record<string, unknown> };
const outcome = ({ status, body }: Answer) => [
  status,
  body['error'],
  (body['error_codes'] as number[] | undefined)?.[0],
];

describe('8.2 and 8.3 a code', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await setUpSignIn();
  });

  it('gives an id token with the claims of v2.0 and the nonce, and an access token with scp', async () => {
    const { walk, redeem, tenant, person } = scene;
    const { code } = await walk({ nonce: 'n-1' });
    const { status, body } = await redeem(code, { client_info: '1' });
    assert.equal(status, 200);
    const id = claimsOf(body['id_token']);
    const now = START / 1000;
    assert.deepEqual(
      { ...id, sub: null, uti: null },
      {
        ...{ aud: tenant.clientId, iss: `http://${new URL(String(id['iss'])).host}/${tenant.tenantId}/v2.0` },
        ...{ iat: now, nbf: now, exp: now + 3_600, auth_time: now, nonce: 'n-1', ver: '2.0', tid: tenant.tenantId },
        ...{ oid: person.id, name: person.displayName, preferred_username: person.userPrincipalName },
        ...{ sub: null, uti: null },
      },
    );
    const access = claimsOf(body['access_token']);
    assert.deepEqual(
      [access['aud'], access['scp'], access['azp'], access['roles']],
      ['https://graph.microsoft.com', 'openid profile User.Read', tenant.clientId, undefined],
    );
    assert.notEqual(access['sub'], id['sub']);
    assert.deepEqual(JSON.parse(Buffer.from(String(body['client_info']), 'base64url').toString()), {
      uid: person.id,
      utid: tenant.tenantId,
    });
    const life = Number(body['expires_in']);
    assert.ok(life >= 3_599 && life <= 5_400);
  });

  it('is redeemed once only (54005), and not after ten minutes (70008)', async () => {
    const { walk, redeem, clock } = scene;
    const { code } = await walk();
    assert.equal((await redeem(code)).status, 200);
    assert.deepEqual(outcome(await redeem(code)), [400, 'invalid_grant', 54005]);
    const late = (await walk()).code;
    clock.advance(10 * 60_000);
    assert.deepEqual(outcome(await redeem(late)), [400, 'invalid_grant', 70008]);
  });

  it('with a challenge needs its verifier (501481)', async () => {
    const { walk, redeem, newVerifier } = scene;
    const verifier = newVerifier();
    const { code } = await walk({ code_challenge: challengeOf(verifier), code_challenge_method: 'S256' });
    assert.deepEqual(outcome(await redeem(code)), [400, 'invalid_grant', 501481]);
    assert.deepEqual(outcome(await redeem(code, { code_verifier: newVerifier() })), [400, 'invalid_grant', 501481]);
    assert.equal((await redeem(code, { code_verifier: verifier })).status, 200);
  });

  const wrong: [string, Fields, [number, string, number]][] = [
    ['made up', { code: '1.made-up' }, [400, 'invalid_grant', 9002313]],
    ['missing', { code: undefined }, [400, 'invalid_request', 900144]],
    ['with another address', { redirect_uri: 'https://app.example/other' }, [400, 'invalid_client', 500112]],
    ['with a wrong secret', { client_secret: 'wrong' }, [401, 'invalid_client', 7000215]],
    ['without a secret', { client_secret: undefined }, [401, 'invalid_client', 7000218]],
  ];
  for (const [name, change, expected] of wrong)
    it(`${name} is refused with AADSTS${expected[2]}`, async () => {
      const { code } = await scene.walk();
      assert.deepEqual(outcome(await scene.redeem(code, change)), expected);
    });

  it('of another app or another tenant is refused', async () => {
    const { walk, redeem, control, tenant } = scene;
    const { code } = await walk();
    const other = control.registerApp(tenant.tenantId, { displayName: 'Other', requested: [], redirectUris: [BACK] });
    const credentials = { client_id: other.clientId, client_secret: other.clientSecret };
    assert.deepEqual(outcome(await redeem(code, credentials)), [400, 'invalid_grant', 70000]);
  });
});

describe('8.2 a token for Graph in the name of a person', () => {
  const REPORT = '/reports/authenticationMethods/userRegistrationDetails';

  it('opens /me with User.Read, not other people', async () => {
    const { walk, redeem, graph, person, admin } = await setUpSignIn();
    const token = (await redeem((await walk()).code)).body['access_token'];
    const me = await graph(token, '/me?$select=id,accountEnabled');
    assert.deepEqual([me.status, me.body['id'], me.body['accountEnabled']], [200, person.id, true]);
    assert.equal((await graph(token, `/users/${person.id}`)).status, 200);
    assert.equal((await graph(token, `/users/${admin.id}`)).status, 403);
    assert.equal((await graph(token, '/users')).status, 403);
  });

  it('opens the MFA report only with a directory role besides the scope', async () => {
    const { walk, redeem, graph, person, control, tenant } = await setUpSignIn();
    control.updateRegistration(tenant.tenantId, tenant.clientId, { grantedScopes: ['User.Read', 'AuditLog.Read.All'] });
    const token = async () =>
      (await redeem((await walk({ scope: `${SCOPES} AuditLog.Read.All` })).code)).body['access_token'];
    assert.equal((await graph(await token(), REPORT)).status, 403);
    control.setPerson(tenant.tenantId, person.id, { roles: ['Reports Reader'] });
    assert.equal((await graph(await token(), REPORT)).status, 200);
  });

  it('is needed for /me', async () => {
    const { ask, graph } = await setUpSignIn();
    const { body } = await ask({ grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' });
    assert.deepEqual((await graph(body['access_token'], '/me')).status, 400);
  });
});

describe('8.1 and 8.3 apps of several tenants', () => {
  it('sign in people of any tenant by organizations, and have no service principal elsewhere before consent (7000229)', async () => {
    const { control, tenant, browser, authorizeUrl, chooseAnd, ask, people } = await setUpSignIn();
    const other = control.createTenant({ name: 'Fabrikam', seed: 2, people: 5, disabled: 0 }).tenant;
    const single = await browser.open(authorizeUrl({}, 'organizations'));
    assert.match(single.text, /AADSTS50194/);
    assert.match((await browser.open(authorizeUrl({}, other.tenantId))).text, /AADSTS700016/);
    control.updateRegistration(tenant.tenantId, tenant.clientId, { audience: 'AzureADMultipleOrgs' });
    const form = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
    assert.deepEqual(outcome(await ask(form, { tenantName: other.tenantId })), [400, 'unauthorized_client', 7000229]);
    assert.deepEqual(outcome(await ask(form, { tenantName: 'common' })), [400, 'invalid_request', 50059]);
    const [, , , stranger] = people(other.tenantId);
    await browser.open(authorizeUrl({}, 'organizations'));
    await chooseAnd(stranger!);
    const { address } = await browser.decide('accept');
    const code = new URL(address).searchParams.get('code') ?? '';
    const redeemed = await ask(
      { grant_type: 'authorization_code', code, redirect_uri: BACK },
      { tenantName: 'organizations' },
    );
    assert.equal(claimsOf(redeemed.body['id_token'])['tid'], other.tenantId);
    assert.equal((await ask(form, { tenantName: other.tenantId })).status, 200);
  });
});

describe('tenants of one name', () => {
  it('have a domain each, so that sign-in by domain finds the right one', async () => {
    const { control, tenant, ask } = await setUpSignIn();
    const other = control.createTenant({ seed: 2, people: 5 }).tenant;
    assert.equal(other.name, tenant.name);
    const credentials = { client_id: other.clientId, client_secret: other.clientSecret ?? '' };
    const form = { ...credentials, grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
    const { status, body } = await ask(form, { tenantName: other.domain });
    assert.deepEqual([status, claimsOf(body['access_token'])['tid']], [200, other.tenantId]);
  });
});

describe('8.2 to 8.5 what is told about sign-in', () => {
  it('publishes a new signing key at once and the old one for a while', async () => {
    const { control, app, tenant, clock, walk, redeem, graph } = await setUpSignIn();
    const token = (await redeem((await walk()).code)).body['access_token'];
    const kids = async () => {
      const { body } = await request(app).get(`/${tenant.tenantId}/discovery/v2.0/keys`);
      return (body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    };
    const [before] = await kids();
    const { kid } = control.rotateSigningKey({ publishOldForSeconds: 60 });
    assert.deepEqual(await kids(), [kid, before]);
    assert.equal((await graph(token, '/me')).status, 200);
    clock.advance(60_000);
    assert.deepEqual(await kids(), [kid]);
  });

  it('names a placeholder as issuer for organizations', async () => {
    const { app } = await setUpSignIn();
    const { body } = await request(app).get('/organizations/v2.0/.well-known/openid-configuration');
    assert.match(String((body as Record<string, unknown>)['issuer']), /\/\{tenantid\}\/v2\.0$/);
  });

  it('lists groups where the app wants them, up to 200, then only where to ask', async () => {
    const { control, tenant, person, walk, redeem } = await setUpSignIn();
    control.updateRegistration(tenant.tenantId, tenant.clientId, { groupClaims: true });
    const claims = async () => claimsOf((await redeem((await walk()).code)).body['id_token']);
    const join = () =>
      control.addMember(tenant.tenantId, control.createGroup(tenant.tenantId, { displayName: 'G' }).id, person.id);
    const has = ((await claims())['groups'] as string[]).length;
    for (let count = has; count < 200; count += 1) join();
    assert.equal(((await claims())['groups'] as string[]).length, 200);
    join();
    const over = await claims();
    assert.deepEqual([over['groups'], over['_claim_names']], [undefined, { groups: 'src1' }]);
  });

  for (const number of [90033, 90024, 90090] as const)
    it(`fails with 503 and AADSTS${number} when asked to, and works again afterwards`, async () => {
      const { control, ask } = await setUpSignIn();
      const form = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
      control.setSignInPolicy({ tokenFault: { number, share: 1 } });
      assert.deepEqual(outcome(await ask(form)), [503, 'temporarily_unavailable', number]);
      control.setSignInPolicy({ tokenFault: null });
      assert.equal((await ask(form)).status, 200);
    });

  it('refuses a disabled app with AADSTS7000112', async () => {
    const { control, tenant, ask } = await setUpSignIn();
    control.updateApp(tenant.tenantId, tenant.clientId, { enabled: false });
    assert.deepEqual(outcome(await ask({ grant_type: 'client_credentials' })), [400, 'unauthorized_client', 7000112]);
  });

  it('ends the session at the logout address, and goes on only to a registered address', async () => {
    const { browser, walk, authorizeUrl, tenant } = await setUpSignIn();
    await walk();
    const logout = (uri: string) =>
      `http://simulator.invalid/${tenant.tenantId}/oauth2/v2.0/logout?post_logout_redirect_uri=${encodeURIComponent(uri)}`;
    assert.match((await browser.open(logout('https://evil.example/'))).text, /signed out/);
    assert.match((await browser.open(authorizeUrl())).text, /Choose an account/);
    assert.equal((await browser.open(logout(BACK))).address, BACK);
  });
});
