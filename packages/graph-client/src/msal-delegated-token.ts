import type { Failure } from '@muster/contracts';
import { isFailure } from '@muster/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessToken } from './msal-app-token.js';
import type { AppCredentials } from './graph.js';
import { askMsal, assertToken, createMsalClient, signInNeeded, signInUnavailable, toRefusal } from './msal-client.js';
import { toScopes } from './scopes.js';
import type { DelegatedTokens, KeptTokens, TokenVault } from './token-vault.js';

export type DelegatedTokenOptions = {
  timeoutMs: number;
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
};

/** As MSAL does for an app's own tokens. */
const RENEW_BEFORE_END_MS = 300_000;
const LOOK_AGAIN_MS = 100;

/**
 * An access token on behalf of the admin who consented. Whoever finds it near its end takes the vault's lock, looks
 * again, and refreshes; everyone else waits and reads what was got. A refusal is kept in the vault, so that no process
 * asks Entra again until someone signs in: `token.refused` with details.signInAgain.
 */
export function createDelegatedToken(
  credentials: AppCredentials,
  vault: TokenVault,
  { timeoutMs, now = Date.now, wait = sleep }: DelegatedTokenOptions,
): AccessToken {
  let held: DelegatedTokens | null = null;
  let working: { fresh: boolean; token: Promise<string> } | null = null;
  const isGood = ({ expiresAt }: DelegatedTokens): boolean => Date.parse(expiresAt) - now() > RENEW_BEFORE_END_MS;

  const read = async (): Promise<KeptTokens> => {
    const kept = await vault.read();
    if (!kept) throw signInNeeded('no_consent');
    if (kept.refused) throw toKeptRefusal(kept.refused);
    held = kept.tokens;
    return kept;
  };

  /** `used`: the token that is not good enough; another one that the vault holds may be. */
  const obtain = async (used: string | null): Promise<string> => {
    const end = now() + timeoutMs;
    for (;;) {
      const { tokens } = await read();
      if (isGood(tokens) && tokens.accessToken !== used) return tokens.accessToken;
      const unlock = await vault.lock();
      if (unlock) {
        try {
          return await refreshOnce(used);
        } finally {
          await unlock();
        }
      }
      if (now() >= end) throw signInUnavailable('another process refreshes the token and is not done');
      await wait(LOOK_AGAIN_MS);
    }
  };

  const refreshOnce = async (used: string | null): Promise<string> => {
    // Under the lock: somebody may have refreshed since.
    const { version, tokens } = await read();
    if (isGood(tokens) && tokens.accessToken !== used) return tokens.accessToken;
    try {
      const got = await refresh(credentials, tokens, timeoutMs);
      // Lost to a new consent: that one's tokens are read at the next call, these are good until then.
      if (await vault.save(version, got)) held = got;
      return got.accessToken;
    } catch (error) {
      if (isFailure(error) && error.details.signInAgain === true) {
        const { aadsts, error: name } = error.details;
        await vault.refuse(version, { aadsts: typeof aadsts === 'number' ? aadsts : null, error: String(name) });
      }
      throw error;
    }
  };

  return {
    acquire: async ({ fresh = false } = {}) => {
      if (!fresh && held && isGood(held)) return held.accessToken;
      // Callers of one process share one look.
      if (working && (working.fresh || !fresh)) return working.token;
      const token = obtain(fresh ? (held?.accessToken ?? null) : null).finally(() => (working = null));
      working = { fresh, token };
      return token;
    },
  };
}

const toKeptRefusal = ({ aadsts, error }: { aadsts: number | null; error: string }): Failure =>
  aadsts === null ? signInNeeded(error) : toRefusal(aadsts, error);

/** The refresh token inside the cache is used, and a new one comes (contract 8.2). */
function refresh(credentials: AppCredentials, tokens: DelegatedTokens, timeoutMs: number): Promise<DelegatedTokens> {
  return askMsal(async () => {
    const client = createMsalClient(credentials);
    const cache = client.getTokenCache();
    cache.deserialize(tokens.cache);
    const account = await cache.getAccountByHomeId(tokens.homeAccountId);
    if (!account) throw signInNeeded('no_account');
    const scopes = toScopes(credentials.graphUrl, tokens.scopes);
    const { accessToken, expiresOn } = await client.acquireTokenSilent({ account, scopes, forceRefresh: true });
    assertToken(accessToken);
    if (!expiresOn) throw signInUnavailable('the token has no end');
    return { ...tokens, cache: cache.serialize(), accessToken, expiresAt: expiresOn.toISOString() };
  }, timeoutMs);
}
