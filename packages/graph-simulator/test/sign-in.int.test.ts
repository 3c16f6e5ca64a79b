import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError } from '@azure/msal-node';
import type { AuthenticationResult } from '@azure/msal-node';
import { testServers } from '@muster/test-support';
import { createSimulator } from '../src/index.js';
import type { Simulator } from '../src/index.js';
import { createBrowser, fetchSend } from '@muster/test-support';

const BACK = 'http://localhost:4000/oauth2callback/microsoft';
const SCOPES = ['User.Read'];

describe('signing in by the real MSAL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sign-in-'));
  let simulator: Simulator;
  let origin: string;
  let tenant: ReturnType<Simulator['control']['createTenant']>['tenant'];
  let person: { id: string; userPrincipalName: string };

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls, pagesPort: 0 });
    origin = await simulator.start();
    ({ tenant } = simulator.control.createTenant({ people: 30, disabled: 0, guests: 0 }));
    person = simulator.control.truth(tenant.tenantId).users[9] as unknown as typeof person;
  });

  after(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });

  const createApp = (authority = tenant.tenantId, clientCapabilities: string[] = []) =>
    new ConfidentialClientApplication({
      auth: {
        clientId: tenant.clientId,
        clientSecret: tenant.clientSecret ?? '',
        authority: `${origin}/${authority}`,
        knownAuthorities: [new URL(origin).host],
        clientCapabilities,
      },
    });

  const walk = async (app: ConfidentialClientApplication, { nonce = randomUUID(), scopes = SCOPES } = {}) => {
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const state = randomUUID();
    const pkce = { codeChallenge: challenge, codeChallengeMethod: 'S256' };
    const url = await app.getAuthCodeUrl({
      scopes,
      redirectUri: BACK,
      state,
      nonce,
      prompt: 'select_account',
      ...pkce,
    });
    const browser = createBrowser(fetchSend);
    await browser.open(url);
    await browser.choose(person.id, person.userPrincipalName);
    if (browser.place().text.includes('Permissions requested')) await browser.decide('accept');
    const back = new URL(browser.place().address);
    assert.equal(back.origin + back.pathname, BACK);
    assert.equal(back.searchParams.get('state'), state);
    return { code: back.searchParams.get('code') ?? '', codeVerifier: verifier, url };
  };

  const signIn = async (app: ConfidentialClientApplication): Promise<AuthenticationResult> => {
    const nonce = randomUUID();
    const { code, codeVerifier } = await walk(app, { nonce });
    const result = await app.acquireTokenByCode({ code, codeVerifier, nonce, scopes: SCOPES, redirectUri: BACK });
    assert.ok(result);
    return result;
  };

  it('sends the browser to the pages over plain http, walks them, and knows who signed in', async () => {
    const app = createApp();
    assert.match((await walk(app)).url, /^http:\/\/localhost:\d+\//);
    const { account, scopes } = await signIn(app);
    assert.deepEqual(
      [account?.localAccountId, account?.tenantId, account?.username],
      [person.id, tenant.tenantId, person.userPrincipalName],
    );
    assert.ok(scopes.includes('User.Read'));
  });

  it('reads /me with the token that was given', async () => {
    const { accessToken } = await signIn(createApp());
    const answer = await fetch(`${origin}/v1.0/me`, { headers: { authorization: `Bearer ${accessToken}` } });
    assert.equal(((await answer.json()) as { id: string }).id, person.id);
  });

  it('refreshes silently, each time with a new refresh token', async () => {
    const app = createApp();
    const { account, accessToken } = await signIn(app);
    assert.ok(account);
    const tokenInCache = () => {
      const { RefreshToken } = JSON.parse(app.getTokenCache().serialize()) as {
        RefreshToken: Record<string, { secret: string }>;
      };
      return Object.values(RefreshToken)[0]?.secret;
    };
    const before = tokenInCache();
    const renewed = await app.acquireTokenSilent({ account, scopes: SCOPES, forceRefresh: true });
    assert.notEqual(renewed.accessToken, accessToken);
    assert.notEqual(tokenInCache(), before);
  });

  it('gives a client that declares cp1 a token of 20 to 28 hours, and another one an hour or so', async () => {
    const hours = ({ expiresOn }: AuthenticationResult) => ((expiresOn?.getTime() ?? 0) - Date.now()) / 3_600_000;
    const long = hours(await signIn(createApp(tenant.tenantId, ['cp1'])));
    assert.ok(long > 19.9 && long <= 28, `${long}`);
    assert.ok(hours(await signIn(createApp())) <= 1.5);
  });

  it('asks for a new sign-in once grants were revoked, and when more is wanted than was consented to', async () => {
    const app = createApp();
    const { account } = await signIn(app);
    assert.ok(account);
    const more = app.acquireTokenSilent({ account, scopes: ['User.ReadBasic.All'] });
    await assert.rejects(more, (error: InteractionRequiredAuthError) => error.subError === 'consent_required');
    simulator.control.revokeSignIns(tenant.tenantId, person.id, 'revoked');
    const again = app.acquireTokenSilent({ account, scopes: SCOPES, forceRefresh: true });
    await assert.rejects(again, (error: Error) => {
      assert.ok(error instanceof InteractionRequiredAuthError);
      assert.match(error.message, /AADSTS50173/);
      return true;
    });
  });

  it('signs in people of their own tenant by organizations', async () => {
    simulator.control.updateRegistration(tenant.tenantId, tenant.clientId, { audience: 'AzureADMultipleOrgs' });
    const { account } = await signIn(createApp('organizations'));
    assert.equal(account?.tenantId, tenant.tenantId);
  });
});
