import { ConfidentialClientApplication, InteractionRequiredAuthError, LogLevel, ServerError } from '@azure/msal-node';
import { CLOUDS, Failure, isFailure } from '@muster/contracts';
import { explainAadsts, isTransientAadsts, needsSignIn } from './aadsts.js';
import type { AppCredentials } from './graph.js';
import { untrusted } from './id-token.js';
import { network } from './msal-network.js';

const MICROSOFT = new Set<string>(Object.values(CLOUDS).map(({ loginUrl }) => loginUrl));
/** MSAL's tables know these hosts. */
export const isMicrosofts = (loginUrl: string): boolean => MICROSOFT.has(loginUrl);

/**
 * A sign-in host that MSAL does not know is described to it: it neither asks the public cloud about the host nor the
 * host for its metadata. So a wrong tenant and a host that is away differ, as they do at Microsoft's own (contract 8.5).
 */
function toAuthority({ tenantId, loginUrl }: AppCredentials, authorizationEndpoint?: string) {
  const authority = `${loginUrl}/${tenantId}`;
  if (isMicrosofts(loginUrl)) return { authority };
  return {
    authority,
    knownAuthorities: [new URL(loginUrl).host],
    authorityMetadata: JSON.stringify({
      authorization_endpoint: authorizationEndpoint ?? `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      issuer: `${authority}/v2.0`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    }),
  };
}

const toProof = (credentials: AppCredentials) =>
  'certificate' in credentials
    ? {
        clientCertificate: {
          thumbprintSha256: credentials.certificate.thumbprintSha256,
          privateKey: credentials.certificate.privateKey,
        },
      }
    : { clientSecret: credentials.clientSecret };

/** MSAL for one app in one tenant. `authorizationEndpoint`: where browsers go, at a host that MSAL does not know. */
export const createMsalClient = (
  credentials: AppCredentials,
  { authorizationEndpoint }: { authorizationEndpoint?: string } = {},
): ConfidentialClientApplication =>
  new ConfidentialClientApplication({
    auth: {
      clientId: credentials.clientId,
      ...toProof(credentials),
      ...toAuthority(credentials, authorizationEndpoint),
    },
    // MSAL's own log may echo what it was given.
    system: {
      networkClient: network,
      loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => undefined },
    },
  });

/** MSAL waits for ever. Whatever goes wrong rejects as a Failure. */
export async function askMsal<T>(asking: () => Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(signInUnavailable('no answer in time')), timeoutMs);
  });
  try {
    return await Promise.race([asking(), late]);
  } catch (error) {
    throw toTokenFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** As OAuth and MSAL write theirs; anything else may be what we sent. */
const ERROR_CODE = /^[a-z]+(_[a-z]+)*$/;

/** Our own words only: what Entra or MSAL said may hold what we sent. The number is enough to know the cause. */
function toTokenFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  const { errorCode: name, errorMessage: text } = error as { errorCode?: unknown; errorMessage?: unknown };
  const errorCode = typeof name === 'string' && ERROR_CODE.test(name) ? name : 'unknown';
  const number = error instanceof ServerError ? Number(error.errorNo ?? NaN) : NaN;
  const aadsts = Number.isInteger(number) ? number : readAadsts(typeof text === 'string' ? text : '');
  if (aadsts !== null) return toRefusal(aadsts, errorCode);
  if (errorCode === 'nonce_mismatch') return untrusted('nonce');
  if (error instanceof InteractionRequiredAuthError) return signInNeeded(errorCode);
  return signInUnavailable(errorCode);
}

/** The number in `AADSTS70008: …`; null when there is none. */
export function readAadsts(text: string): number | null {
  const number = /AADSTS(\d+)/.exec(text)?.[1];
  return number === undefined ? null : Number(number);
}

/**
 * `token.refused`, with the number in details.aadsts; details.signInAgain when only a person can mend it, by signing
 * in and consenting.
 */
export function toRefusal(aadsts: number, error: string): Failure {
  const { sentence, cure } = explainAadsts(aadsts);
  const details = { aadsts, error, signInAgain: needsSignIn(aadsts) };
  return new Failure('token.refused', `${sentence} ${cure}`, { retryable: isTransientAadsts(aadsts), details });
}

/** There is nothing to ask with: never consented, or signed out. */
export const signInNeeded = (error: string): Failure =>
  new Failure('token.refused', 'The consent is used up or was never given. An admin needs to sign in again.', {
    retryable: false,
    details: { aadsts: null, error, signInAgain: true },
  });

export const signInUnavailable = (reason: string): Failure =>
  new Failure('graph.unavailable', `Microsoft’s sign-in cannot be reached (${reason}).`, { retryable: true });

/** MSAL passes on whatever stands where a token should. */
export function assertToken(accessToken: unknown): asserts accessToken is string {
  if (typeof accessToken !== 'string' || accessToken === '') throw signInUnavailable('no token came');
}
