import assert from 'node:assert/strict';
import { createBrowser, fetchSend } from '@muster/test-support';
import { createSignIn, discoverTenant, readSignInReturn } from '../src/index.js';
import { failureOf } from './collect.js';
import { BACK, setUpSignIn, signInAs, walk, type SignInScene } from './sign-in-scene.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

describe('signing in people', () => {
  let scene: SignInScene;
  before(async () => {
    scene = await setUpSignIn();
  });
  after(() => scene.stop());

  it('sends the browser with PKCE, state, nonce and hint to the pages', async () => {
    const signIn = createSignIn({ credentials: scene.credentials, redirectUri: BACK });
    const asked = { scopes: ['User.Read'], state: 'bound', loginHint: 'ada@example.org', prompt: 'login' } as const;
    const { url, nonce, codeVerifier } = await signIn.begin(asked);
    const { searchParams } = new URL(url);
    assert.match(url, /^http:\/\/localhost:\d+\//);
    assert.deepEqual(
      ['code_challenge_method', 'state', 'nonce', 'login_hint', 'prompt'].map((name) => searchParams.get(name)),
      ['S256', 'bound', nonce, 'ada@example.org', 'login'],
    );
    assert.ok(!url.includes(codeVerifier));
    assert.notEqual((await signIn.begin(asked)).nonce, nonce);
  });

  it('tells who signed in and what was granted', async () => {
    const { person, scopes, tokens } = await signInAs(scene.credentials, scene.person);
    assert.deepEqual(
      [person.userId, person.tenantId, person.username],
      [scene.person.id, scene.tenant.tenantId, scene.person.userPrincipalName],
    );
    assert.ok(scopes.includes('User.Read') && !scopes.includes('openid'), String(scopes));
    assert.ok(Date.parse(tokens.expiresAt) > Date.now() && tokens.cache.includes('RefreshToken'));
  });

  it('refuses a code that was redeemed already (54005), and one of another attempt', async () => {
    const { signIn, begun, scopes, returned } = await walk(scene.credentials, scene.person);
    assert.ok(returned?.kind === 'code');
    const redeem = () => signIn.redeem({ code: returned.code, scopes, ...begun });
    await redeem();
    const again = await failureOf(redeem());
    assert.deepEqual([again.code, again.details.aadsts], ['token.refused', 54_005]);
    const other = await walk(scene.credentials, scene.person);
    assert.ok(other.returned?.kind === 'code');
    const { code } = other.returned;
    const forged = await failureOf(signIn.redeem({ code, scopes, ...other.begun, nonce: begun.nonce }));
    assert.deepEqual([forged.code, forged.details.claim], ['sign-in.untrusted', 'nonce']);
  });

  it('refuses a code without the verifier that belongs to it', async () => {
    const { signIn, begun, scopes, returned } = await walk(scene.credentials, scene.person);
    assert.ok(returned?.kind === 'code');
    const { code } = returned;
    const stolen = signIn.redeem({ code, scopes, nonce: begun.nonce, codeVerifier: 'x'.repeat(43) });
    assert.equal((await failureOf(stolen)).code, 'token.refused');
  });

  it('comes back with the number when the admin’s consent is missing', async () => {
    const wide = { scopes: ['User.Read.All'] };
    const { returned } = await walk(scene.credentials, scene.person, wide, 'leave');
    assert.ok(returned?.kind === 'refused');
    assert.deepEqual([returned.state, returned.failure.details.aadsts], ['state-1', 90_094]);
  });

  it('comes back with 65004 when an admin declines', async () => {
    const wide = { scopes: ['AuditLog.Read.All'] };
    const { returned } = await walk(scene.credentials, scene.admin, wide, 'refuse');
    assert.ok(returned?.kind === 'refused');
    assert.equal(returned.failure.details.aadsts, 65_004);
  });

  it('leads an admin to consent for the app itself, and back', async () => {
    const signIn = createSignIn({ credentials: scene.credentials, redirectUri: BACK });
    const browser = createBrowser(fetchSend);
    await browser.open(signIn.adminConsentUrl({ state: 'bound' }));
    await browser.choose(scene.admin.id, scene.admin.userPrincipalName);
    await browser.decide('accept');
    const back = Object.fromEntries(new URL(browser.place().address).searchParams);
    const expected = { kind: 'admin-consent', state: 'bound', tenantId: scene.tenant.tenantId };
    assert.deepEqual(readSignInReturn(back), expected);
  });

  it('knows that there is no such tenant before anyone is sent anywhere', async () => {
    const credentials = { ...scene.credentials, tenantId: UNKNOWN_ID };
    const signIn = createSignIn({ credentials, redirectUri: BACK });
    const failure = await failureOf(signIn.begin({ scopes: ['User.Read'], state: 's' }));
    assert.deepEqual([failure.code, failure.details.aadsts], ['token.refused', 90_002]);
    const { issuer } = await discoverTenant(scene.credentials);
    assert.equal(issuer, `${scene.origin}/${scene.tenant.tenantId}/v2.0`);
  });

  it('tells a wrong secret apart when the code is redeemed', async () => {
    const { begun, scopes, returned } = await walk(scene.credentials, scene.person);
    assert.ok(returned?.kind === 'code');
    const credentials = { ...scene.credentials, clientSecret: 'a-wrong-one' };
    const wrong = createSignIn({ credentials, redirectUri: BACK });
    const failure = await failureOf(wrong.redeem({ code: returned.code, scopes, ...begun }));
    assert.deepEqual([failure.details.aadsts, failure.details.signInAgain], [7_000_215, false]);
    assert.doesNotMatch(failure.message, /a-wrong-one/);
  });

  it('says so when sign-in is away', async () => {
    const credentials = { ...scene.credentials, loginUrl: 'https://localhost:9' };
    const failure = await failureOf(
      createSignIn({ credentials, redirectUri: BACK }).begin({ scopes: ['User.Read'], state: 's' }),
    );
    assert.deepEqual([failure.code, failure.retryable], ['graph.unavailable', true]);
  });
});
