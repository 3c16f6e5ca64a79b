/** What a person's consent gave: enough to act on their behalf until it is revoked. All of it is secret. */
export type DelegatedTokens = {
  /** MSAL's cache as text; holds the refresh token, which changes with each use. */
  cache: string;
  /** Which of the cache's accounts. */
  homeAccountId: string;
  accessToken: string;
  /** End of the access token. */
  expiresAt: string;
  /** Permissions of Graph that were granted, by their short names. */
  scopes: string[];
};
/** `version` changes with each save. */
export type KeptTokens = { version: string; tokens: DelegatedTokens; refused: TokenRefusal | null };
/** Entra took the consent back: nobody asks again until someone signs in. `aadsts` null = MSAL had nothing to ask with. */
export type TokenRefusal = { aadsts: number | null; error: string };

/**
 * Where the tokens of one integration are kept, for all processes. Refresh tokens rotate, so one process refreshes at a
 * time and the others read what it got.
 */
export type TokenVault = {
  /** Tells vaults apart: tokens of two ids are never mixed. */
  id: string;
  /** Null = nobody consented. */
  read: () => Promise<KeptTokens | null>;
  /** False when the tokens have changed since `version`: what is stored then is newer. */
  save: (version: string, tokens: DelegatedTokens) => Promise<boolean>;
  /** The same for a refusal: the tokens stay, marked. */
  refuse: (version: string, refusal: TokenRefusal) => Promise<boolean>;
  /** Null when another process refreshes; else how to let go. */
  lock: () => Promise<(() => Promise<void>) | null>;
};
