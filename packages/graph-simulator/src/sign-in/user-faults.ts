import { EntraFault } from './fault.js';

const grant = (number: number, message: string, suberror?: string) =>
  new EntraFault(400, 'invalid_grant', number, message, suberror);
const toTime = (at: number) => new Date(at).toISOString().replace('Z', '0000Z');

const DAY = 86_400_000;
/** As Entra writes a span: `90.00:00:00`. */
const toSpan = (ms: number) => `${Math.floor(ms / DAY)}.${new Date(Math.round(ms) % DAY).toISOString().slice(11, 19)}`;

/** What stands between a person and a token (contract 8.3); `bad_token` as seen on 700082. */
export const USER_FAULTS = {
  malformedGrant: () => grant(9002313, 'Invalid request. Request is malformed or invalid.'),
  otherClient: (clientId: string) =>
    grant(70000, `Provided grant is invalid or malformed: it was not issued to client '${clientId}'.`),
  otherTenant: () =>
    grant(700005, 'Provided Authorization Code is intended to use against other tenant, thus rejected.'),
  codeExpired: () =>
    grant(
      70008,
      'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
    ),
  codeRedeemed: () =>
    grant(
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    ),
  verifier: () =>
    grant(501481, 'The Code_Verifier does not match the code_challenge supplied in the authorization request.'),
  refreshExpired: (issuedAt: number, life: number) =>
    grant(
      700082,
      `The refresh token has expired due to inactivity. The token was issued on ${toTime(issuedAt)} and was inactive for ${toSpan(life)}.`,
      'bad_token',
    ),
  spaRefreshExpired: (issuedAt: number, life: number) =>
    grant(
      700084,
      `The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of ${toSpan(life)}, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on ${toTime(issuedAt)}.`,
      'bad_token',
    ),
  refreshReplaced: () =>
    grant(70000, 'Provided grant is invalid or malformed: the refresh token was replaced.', 'bad_token'),
  /** Entra's list calls 70008 ExpiredOrRevokedGrant. */
  refreshRevoked: () =>
    grant(
      70008,
      'The provided authorization code or refresh token has expired or was revoked. Send a new interactive authorization request for this user and resource.',
      'bad_token',
    ),
  revoked: (issuedAt: number, validFrom: number) =>
    grant(
      50173,
      `The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '${toTime(issuedAt)}' and the TokensValidFrom date (before which tokens are not valid) for this user is '${toTime(validFrom)}'.`,
      'bad_token',
    ),
  signInFrequency: (signedInAt: number, frequency: number) =>
    grant(
      70043,
      `The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on ${toTime(signedInAt)} and the maximum allowed lifetime for this request is ${Math.round(frequency / 1000)}.`,
      'token_expired',
    ),
  blocked: () =>
    grant(
      53003,
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
      'message_only',
    ),
  disabledUser: () => grant(50057, 'The user account is disabled.'),
  unknownUser: (name: string, tenant: string) =>
    grant(50034, `The user account ${name} does not exist in the ${tenant} directory.`),
  foreignUser: (name: string, tenant: string) =>
    grant(
      50020,
      `User account '${name}' does not exist in tenant '${tenant}' and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different account.`,
    ),
  consentMissing: (app: { clientId: string; displayName: string }, error = 'invalid_grant') =>
    new EntraFault(
      400,
      error,
      65001,
      `The user or administrator has not consented to use the application with ID '${app.clientId}' named '${app.displayName}'. Send an interactive authorization request for this user and resource.`,
      'consent_required',
    ),
  declined: () => new EntraFault(400, 'access_denied', 65004, 'User declined to consent to access the app.'),
  adminNeeded: (app: string) =>
    new EntraFault(400, 'access_denied', 90094, `Admin consent is required for the permissions requested by ${app}.`),
  adminAsked: (app: string) =>
    new EntraFault(400, 'access_denied', 90095, `Admin consent is required. The user has requested it for ${app}.`),
  noSession: () =>
    new EntraFault(400, 'login_required', 50058, 'Session information is not sufficient for single-sign-on.'),
  severalSessions: () =>
    new EntraFault(
      400,
      'interaction_required',
      16000,
      'Either multiple user identities are available for the current request or selected account is not supported for the scenario.',
    ),
  interaction: (fault: EntraFault) =>
    new EntraFault(400, 'interaction_required', fault.number, fault.message.replace(/^AADSTS\d+: /, '')),
} as const;
