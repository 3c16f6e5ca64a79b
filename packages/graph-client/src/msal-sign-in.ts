import { CryptoProvider } from '@azure/msal-node';
import { randomBytes } from 'node:crypto';
import { discoverTenant, type TenantEndpoints } from './discover-tenant.js';
import type { AppCredentials } from './graph.js';
import { keysAt, verifyIdToken } from './id-token.js';
import { askMsal, assertToken, createMsalClient, isMicrosofts, signInUnavailable } from './msal-client.js';
import { toScopes, toShortNames } from './scopes.js';
import type { RedeemCode, SignedIn, SignIn } from './sign-in.js';

export type SignInOptions = {
  credentials: AppCredentials;
  /** As the app registration lists it. */
  redirectUri: string;
  /** For one question to Entra, ms. Default 10 s. */
  timeoutMs?: number;
};

/** Make one per attempt, or keep it while the credentials stay: it remembers the tenant's endpoints and keys. */
export function createSignIn({ credentials, redirectUri, timeoutMs = 10_000 }: SignInOptions): SignIn {
  const { graphUrl, loginUrl, tenantId, clientId } = credentials;
  const open = once(async () => {
    const endpoints = await discoverTenant(credentials, timeoutMs);
    return { endpoints, keys: keysAt(endpoints.jwksUri) };
  });
  const clientFor = ({ authorizationEndpoint }: TenantEndpoints) =>
    createMsalClient(credentials, isMicrosofts(loginUrl) ? {} : { authorizationEndpoint });

  return {
    begin: async ({ scopes, state, prompt = 'select_account', loginHint }) => {
      const { endpoints } = await open();
      const { verifier: codeVerifier, challenge } = await new CryptoProvider().generatePkceCodes();
      const nonce = randomBytes(24).toString('base64url');
      const url = await askMsal(
        () =>
          clientFor(endpoints).getAuthCodeUrl({
            scopes: toScopes(graphUrl, scopes),
            redirectUri,
            state,
            nonce,
            prompt,
            codeChallenge: challenge,
            codeChallengeMethod: 'S256',
            responseMode: 'query',
            ...(loginHint === undefined ? {} : { loginHint }),
          }),
        timeoutMs,
      );
      return { url, nonce, codeVerifier };
    },
    redeem: async (options) => {
      const { endpoints, keys } = await open();
      const { idToken, ...signedIn } = await redeem(options);
      const expected = { issuer: endpoints.issuer, clientId, tenantId, nonce: options.nonce };
      return { ...signedIn, person: await verifyIdToken(idToken, keys, expected) };
    },
    adminConsentUrl: ({ state }) => {
      const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, state });
      return `${loginUrl}/${tenantId}/adminconsent?${query.toString()}`;
    },
  };

  /** A client of its own each time: its cache then holds this person and nobody else. */
  function redeem({ code, codeVerifier, nonce, scopes }: RedeemCode) {
    const client = createMsalClient(credentials);
    return askMsal(async (): Promise<Omit<SignedIn, 'person'> & { idToken: string }> => {
      const request = { code, codeVerifier, nonce, redirectUri, scopes: toScopes(graphUrl, scopes) };
      const result = await client.acquireTokenByCode(request);
      const { account, accessToken, idToken, expiresOn } = result;
      assertToken(accessToken);
      if (!account || !expiresOn) throw signInUnavailable('no account came');
      const granted = toShortNames(result.scopes);
      const tokens = {
        cache: client.getTokenCache().serialize(),
        homeAccountId: account.homeAccountId,
        accessToken,
        expiresAt: expiresOn.toISOString(),
        scopes: granted,
      };
      return { idToken, scopes: granted, tokens };
    }, timeoutMs);
  }
}

/** Runs it at the first call and keeps the result; a failure is not kept. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | null = null;
  return async () => {
    kept ??= work();
    try {
      return await kept;
    } catch (error) {
      kept = null;
      throw error;
    }
  };
}
