import type { Failure } from '@muster/contracts';
import type { SignedInPerson } from './id-token.js';
import type { DelegatedTokens } from './token-vault.js';

export type BeginSignIn = {
  /** Graph's permissions by their short names (`User.Read.All`). openid, profile and offline_access come by themselves. */
  scopes: readonly string[];
  /** Comes back with the browser; bind it to the browser that began. */
  state: string;
  /** Default `select_account`. `consent` asks even where it was given. */
  prompt?: 'select_account' | 'consent' | 'login' | 'none';
  /** User name that is filled in already. */
  loginHint?: string;
};
/** Keep nonce and codeVerifier on our side, with the state, until the browser comes back; both work once. */
export type SignInBegun = { url: string; nonce: string; codeVerifier: string };

export type RedeemCode = { code: string; nonce: string; codeVerifier: string; scopes: readonly string[] };
export type SignedIn = {
  person: SignedInPerson;
  /** What was granted; may be less than what was asked for. */
  scopes: string[];
  /** For work in the background on this person's behalf; drop them when it is a sign-in only. */
  tokens: DelegatedTokens;
};

/**
 * Signing in people of one tenant: authorization code flow with PKCE (S256), state and nonce
 * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow). Rejects with `token.refused`
 * (details.aadsts), `sign-in.untrusted` (a claim of the ID token is wrong; details.claim) or `graph.unavailable`.
 */
export type SignIn = {
  begin: (options: BeginSignIn) => Promise<SignInBegun>;
  /** The code that came back, for a person whose ID token was verified (signature, iss, aud, tid, times, nonce). */
  redeem: (options: RedeemCode) => Promise<SignedIn>;
  /** Where an admin grants the app's own (application) permissions to all; comes back with `admin_consent=True`. */
  adminConsentUrl: (options: { state: string }) => string;
};

/** What the browser brings back to the redirect URI. */
export type SignInReturn =
  | { kind: 'code'; state: string; code: string }
  | { kind: 'admin-consent'; state: string; tenantId: string }
  /** `token.refused`: declined, or not allowed; details.aadsts where Entra named it, details.declined. */
  | { kind: 'refused'; state: string; failure: Failure };
