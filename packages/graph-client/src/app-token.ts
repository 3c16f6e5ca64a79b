import { ConfidentialClientApplication, LogLevel, ServerError } from '@azure/msal-node';
import { CLOUDS, Failure, isFailure } from '@muster/contracts';
import { explainAadsts, isTransientAadsts } from './aadsts.js';
import type { GraphCredentials } from './graph.js';

export type AppToken = {
  /** A valid access token; from MSAL's cache while more than 5 min of it remain. `fresh` asks Entra anew. */
  acquire: (options?: { fresh?: boolean }) => Promise<string>;
};

const MICROSOFT = new Set<string>(Object.values(CLOUDS).map(({ loginUrl }) => loginUrl));

/**
 * A sign-in host that MSAL does not know is described to it: it neither asks the public cloud about the host nor the
 * host for its metadata. So a wrong tenant and a host that is away differ, as they do at Microsoft's own (contract 8.5).
 */
function toAuthority({ tenantId, loginUrl }: GraphCredentials) {
  const authority = `${loginUrl}/${tenantId}`;
  if (MICROSOFT.has(loginUrl)) return { authority };
  return {
    authority,
    knownAuthorities: [new URL(loginUrl).host],
    authorityMetadata: JSON.stringify({
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      issuer: `${authority}/v2.0`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    }),
  };
}

/** Client credentials: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
export function createAppToken(credentials: GraphCredentials, timeoutMs: number): AppToken {
  const { clientId, clientSecret, graphUrl } = credentials;
  const client = new ConfidentialClientApplication({
    auth: { clientId, clientSecret, ...toAuthority(credentials) },
    // MSAL's own log may echo what it was given.
    system: { loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => undefined } },
  });
  return {
    async acquire({ fresh = false } = {}) {
      try {
        const asking = client.acquireTokenByClientCredential({ scopes: [`${graphUrl}/.default`], skipCache: fresh });
        const result = await within(asking, timeoutMs);
        if (!result?.accessToken) throw unavailable('no token came');
        return result.accessToken;
      } catch (error) {
        throw toTokenFailure(error);
      }
    },
  };
}

/** MSAL waits for ever. */
async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable('no answer in time')), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Our own words only: what Entra or MSAL said may hold what we sent. The number is enough to know the cause. */
function toTokenFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  const { errorCode: name, errorMessage: text } = error as { errorCode?: unknown; errorMessage?: unknown };
  const errorCode = typeof name === 'string' ? name : 'unknown';
  const errorMessage = typeof text === 'string' ? text : '';
  const number = error instanceof ServerError ? Number(error.errorNo ?? NaN) : NaN;
  const aadsts = Number.isInteger(number) ? number : Number(/AADSTS(\d+)/.exec(errorMessage)?.[1] ?? NaN);
  if (Number.isInteger(aadsts)) {
    const { sentence, cure } = explainAadsts(aadsts);
    const retryable = isTransientAadsts(aadsts);
    return new Failure('token.refused', `${sentence} ${cure}`, { retryable, details: { aadsts, error: errorCode } });
  }
  return unavailable(errorCode);
}

const unavailable = (reason: string): Failure =>
  new Failure('graph.unavailable', `Microsoft’s sign-in cannot be reached (${reason}).`, { retryable: true });

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
