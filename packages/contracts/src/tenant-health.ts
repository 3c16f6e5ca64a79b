import { z } from 'zod';
import { guid, instant } from './ids.js';

/**
 * A document of `tenantHealth`, `_id` = `{integrationId}/{service}`: how one service gets on with one tenant's Graph.
 * `quarantined`: its calls are refused on our side until `until`, then one probe is let through.
 */
export const tenantHealth = z.object({
  integrationId: guid,
  service: z.string(),
  state: z.enum(['well', 'quarantined']),
  /** Why, in words and by the failure's code; null when well. */
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  since: instant,
  /** When this was told: of a quarantine the last refusal. Absent in rows of an earlier version. */
  at: instant.optional(),
  until: instant.nullable(),
  /** Quarantines in a row without a good answer between. */
  count: z.int().nonnegative(),
});
export type TenantHealth = z.infer<typeof tenantHealth>;
