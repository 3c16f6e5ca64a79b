import { randomUUID } from 'node:crypto';
import type { IntegrationSettings, TokenCacheRecord } from '@muster/contracts';
import type { DelegatedTokens, SignedIn, TokenVault } from '@muster/graph-client';
import { toTokensContext, type LeasesStore, type Sealer, type TokenCachesStore } from '@muster/store';

export type VaultOptions = {
  store: { tokenCaches: TokenCachesStore; leases: LeasesStore };
  sealer: Pick<Sealer, 'seal' | 'open'>;
  /** This process, among all that may refresh. */
  holder: string;
  now: () => Date;
};
type Whose = Pick<IntegrationSettings, 'integrationId' | 'tenantId' | 'clientId'>;

/** Longer than a refresh can take; let go of when it is done. */
const LEASE_MS = 60_000;

/** The sealed `tokenCaches` document of one integration, behind the port of the Graph client. */
export function createTokenVault(whose: Whose, { store, sealer, holder, now }: VaultOptions): TokenVault {
  const { integrationId, tenantId, clientId } = whose;
  const context = toTokensContext(integrationId);
  const readOwn = async (version?: string): Promise<TokenCacheRecord | null> => {
    const record = await store.tokenCaches.get(integrationId);
    if (!record || record.tenantId !== tenantId || record.clientId !== clientId) return null;
    return version === undefined || record.version === version ? record : null;
  };
  const replace = async (version: string, change: Partial<TokenCacheRecord>): Promise<boolean> => {
    const record = await readOwn(version);
    return record !== null && store.tokenCaches.replace({ ...record, ...change, version: randomUUID() }, version);
  };
  return {
    id: `${integrationId}/${tenantId}/${clientId}`,
    read: async () => {
      const record = await readOwn();
      if (!record) return null;
      const { sealed, version, refused } = record;
      const tokens = JSON.parse(sealer.open(sealed, context)) as DelegatedTokens;
      return { version, tokens, refused: refused && { aadsts: refused.aadsts, error: refused.error } };
    },
    save: (version, tokens) =>
      replace(version, {
        sealed: sealer.seal(JSON.stringify(tokens), context),
        expiresAt: tokens.expiresAt,
        refreshedAt: now().toISOString(),
        refused: null,
      }),
    refuse: (version, refusal) => replace(version, { refused: { ...refusal, at: now().toISOString() } }),
    lock: async () => {
      const name = `token/${integrationId}`;
      const mine = `${holder}/${randomUUID()}`;
      if (!(await store.leases.acquire(name, mine, LEASE_MS))) return null;
      return () => store.leases.release(name, mine);
    },
  };
}

/** Keeps what an admin's consent gave, in place of any that was kept before. */
export async function keepConsent(
  { integrationId, tenantId, clientId }: Whose,
  { person, scopes, tokens }: SignedIn,
  { store, sealer, now }: Pick<VaultOptions, 'sealer' | 'now'> & { store: Pick<VaultOptions['store'], 'tokenCaches'> },
): Promise<void> {
  const at = now().toISOString();
  await store.tokenCaches.put({
    ...{ integrationId, tenantId, clientId, scopes },
    sealed: sealer.seal(JSON.stringify(tokens), toTokensContext(integrationId)),
    account: { userId: person.userId, username: person.username },
    version: randomUUID(),
    expiresAt: tokens.expiresAt,
    consentedAt: at,
    refreshedAt: at,
    refused: null,
  });
}
