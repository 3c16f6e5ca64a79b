import { z } from 'zod';
import { guid, instant } from './ids.js';
import { mfaState } from './mfa-registration.js';

/**
 * A document of `personReads`, `_id` = `{tenantId}/{userId}`: what the last read of one person that somebody asked for
 * saw. No name, no address: people outside the scope are asked for, too. Cleared away after a day.
 */
export const personRead = z.object({
  integrationId: guid,
  tenantId: guid,
  userId: guid,
  requestedAt: instant,
  requestedBy: z.string(),
  /** When the read began, by Graph's clock. */
  readAt: instant,
  /** `soft`: deleted, can be restored. `hard`: gone for good, or never there. `unknown`: Graph did not say; see `failure`. */
  found: z.enum(['yes', 'soft', 'hard', 'unknown']),
  accountEnabled: z.boolean().nullable(),
  userType: z.string().nullable(),
  /** Null: no group is chosen, or it was not read. */
  inGroup: z.boolean().nullable(),
  groupPath: z.array(guid),
  /** Null: not asked for, or not read. */
  mfa: mfaState.nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type PersonRead = z.infer<typeof personRead>;
