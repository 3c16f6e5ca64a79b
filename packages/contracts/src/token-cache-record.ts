import { z } from 'zod';
import { guid, instant } from './ids.js';

/**
 * A document of `tokenCaches`, `_id` = integration id: what an admin's consent gave, for work on their behalf. Changed
 * by compare-and-swap on `version` only, since refresh tokens rotate.
 */
export const tokenCacheRecord = z.object({
  integrationId: guid,
  /** Tokens of another tenant or app than the settings name count as none. */
  tenantId: guid,
  clientId: guid,
  /** Refresh and access token, AES-256-GCM. */
  sealed: z.string(),
  /** Permissions of Graph that were granted, by their short names. */
  scopes: z.array(z.string()),
  /** Who consented. */
  account: z.object({ userId: guid, username: z.string() }),
  version: z.string(),
  /** End of the access token. */
  expiresAt: instant,
  consentedAt: instant,
  refreshedAt: instant,
  /** Entra took the consent back: nobody asks it again until an admin signs in. */
  refused: z.object({ aadsts: z.int().nullable(), error: z.string(), at: instant }).nullable(),
});
export type TokenCacheRecord = z.infer<typeof tokenCacheRecord>;
