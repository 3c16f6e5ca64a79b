import { z } from 'zod';
import { guid, instant } from './ids.js';

/**
 * Value of `sync.requests`: somebody wants the reconciler to look. Key: tenant id.
 * `sweep` = the cheapest read that repairs (delta; a full read where there is no delta yet); `users` and `mfa` = a
 * full read of that kind; `plan` = an admin's answer to a plan that waits; `person` = one person, now.
 */
export const syncRequest = z.discriminatedUnion('type', [
  z.object({
    version: z.literal(1),
    type: z.enum(['sweep', 'users', 'mfa']),
    integrationId: guid,
    tenantId: guid,
    /** In words, for people: why somebody asked. */
    reason: z.string().max(300),
    requestedBy: z.string().max(200),
    requestedAt: instant,
  }),
  z.object({
    version: z.literal(1),
    type: z.literal('plan'),
    integrationId: guid,
    tenantId: guid,
    planId: z.string(),
    allowed: z.boolean(),
    /** Only these people; the whole plan when absent. */
    userIds: z.array(guid).optional(),
    /** `updatedAt` of the plan that was looked at: who was added later has no answer. */
    seenAt: instant.optional(),
    requestedBy: z.string().max(200),
    requestedAt: instant,
  }),
  z.object({
    version: z.literal(1),
    type: z.literal('person'),
    integrationId: guid,
    tenantId: guid,
    userId: guid,
    requestedBy: z.string().max(200),
    requestedAt: instant,
  }),
]);
export type SyncRequest = z.infer<typeof syncRequest>;
