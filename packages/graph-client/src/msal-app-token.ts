import { createSetBackDetector, type Clocks } from '@muster/runtime';
import type { AppCredentials } from './graph.js';
import { askMsal, assertToken, createMsalClient } from './msal-client.js';

export type AccessToken = {
  /** A valid access token; a kept one while more than 5 min of it remain. `fresh` asks Entra anew. */
  acquire: (options?: { fresh?: boolean }) => Promise<string>;
};

/**
 * Client credentials: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * MSAL keeps tokens, and by itself refuses after a 429 or 5xx until Retry-After is over, a minute without one, both by
 * the wall clock: when that is set back, what MSAL knows would hold for so much longer, and it starts anew.
 */
export function createAppToken(
  credentials: AppCredentials,
  timeoutMs: number,
  { wall = Date.now, monotonic = () => performance.now() }: Partial<Clocks> = {},
): AccessToken {
  let client = createMsalClient(credentials);
  const wasSetBack = createSetBackDetector({ wall, monotonic });
  const current = (): typeof client => {
    if (wasSetBack()) client = createMsalClient(credentials);
    return client;
  };
  const scopes = [`${credentials.graphUrl}/.default`];
  return {
    acquire: ({ fresh = false } = {}) =>
      askMsal(async () => {
        const result = await current().acquireTokenByClientCredential({ scopes, skipCache: fresh });
        const accessToken: unknown = result?.accessToken;
        assertToken(accessToken);
        return accessToken;
      }, timeoutMs),
  };
}

/** The permissions in a token: `roles` of an app, `scp` of a person. Read only, never trusted: Graph decides. */
export function readPermissions(accessToken: string): string[] {
  const payload = accessToken.split('.')[1] ?? '';
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { roles?: unknown; scp?: unknown };
    const roles = Array.isArray(claims.roles) ? claims.roles.filter((role) => typeof role === 'string') : [];
    return [...roles, ...(typeof claims.scp === 'string' ? claims.scp.split(' ') : [])];
  } catch {
    return [];
  }
}
