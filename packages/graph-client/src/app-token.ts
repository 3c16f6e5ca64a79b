import { ConfidentialClientApplication, LogLevel, ServerError } from '@azure/msal-node';
import { Failure, isFailure } from '@muster/contracts';
import { explainAadsts, isTransientAadsts } from './aadsts.js';
import type { GraphCredentials } from './graph.js';

export type AppToken = {
  /** A valid access token; from MSAL's cache while more than 5 min of it remain. `fresh` asks Entra anew. */
  acquire: (options?: { fresh?: boolean }) => Promise<string>;
};

/**
 * Client credentials (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow). The
 * sign-in host is named as a known authority, so that MSAL does not ask the public cloud about it.
 */
export function createAppToken({ tenantId, clientId, clientSecret, graphUrl, loginUrl }: GraphCredentials): AppToken {
  const client = new ConfidentialClientApplication({
    auth: {
      clientId,
      clientSecret,
      authority: `${loginUrl}/${tenantId}`,
      knownAuthorities: [new URL(loginUrl).host],
    },
    // MSAL's own log may echo what it was given.
    system: { loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => undefined } },
  });
  return {
    async acquire({ fresh = false } = {}) {
      try {
        const result = await client.acquireTokenByClientCredential({
          scopes: [`${graphUrl}/.default`],
          skipCache: fresh,
        });
        if (!result?.accessToken) throw new Failure('token.refused', 'Entra gave no token', { retryable: false });
        return result.accessToken;
      } catch (error) {
        throw toTokenFailure(error);
      }
    },
  };
}

/** Our own words only: what Entra or MSAL said may hold what we sent. The number is enough to know the cause. */
function toTokenFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  const { errorCode = 'unknown', errorMessage = '' } = error as { errorCode?: string; errorMessage?: string };
  const number = error instanceof ServerError ? Number(error.errorNo ?? NaN) : NaN;
  const aadsts = Number.isInteger(number) ? number : Number(/AADSTS(\d+)/.exec(errorMessage)?.[1] ?? NaN);
  if (Number.isInteger(aadsts)) {
    const { sentence, cure } = explainAadsts(aadsts);
    const retryable = isTransientAadsts(aadsts);
    return new Failure('token.refused', `${sentence} ${cure}`, { retryable, details: { aadsts, error: errorCode } });
  }
  // MSAL fails so when the authority's metadata cannot be had: a tenant that is not there, or no network.
  if (errorCode === 'endpoints_resolution_error' || errorCode === 'openid_config_error')
    return new Failure('token.refused', 'There is no tenant with that id, or its sign-in cannot be reached.', {
      retryable: false,
      details: { aadsts: 90002, error: errorCode },
    });
  return new Failure('graph.unavailable', `Microsoft’s sign-in cannot be reached (${errorCode}).`, {
    retryable: true,
    details: { error: errorCode },
  });
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
