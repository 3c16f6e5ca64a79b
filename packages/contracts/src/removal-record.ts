import { z } from 'zod';
import { guid, instant } from './ids.js';
import { removalReason } from './plan-record.js';

const minute = z.object({
  /** Its begin. */
  at: instant,
  /** People who were about to be removed. */
  attempted: z.int().nonnegative(),
  /** Of those, who were. */
  admitted: z.int().nonnegative(),
  /** Who they are, so that a write which is tried again counts nobody twice. Absent on records of before. */
  people: z.array(guid).optional(),
});

/** A document of `removals`, `_id` = integration id: how many went lately, counted by all copies of the projector. */
export const removalWindow = z.object({
  integrationId: guid,
  minutes: z.array(minute),
  /** People in scope when the window began. */
  inScope: z.int().nonnegative(),
  countedAt: instant,
  /** Raised with each save: of two who save, one wins. */
  revision: z.int().positive(),
});
export type RemovalWindow = z.infer<typeof removalWindow>;

/**
 * A document of `heldRemovals`, `_id` = `{integrationId}/{userId}`: somebody who is gone or left by a read after a
 * notification, when too many went at once. The reconciler moves them into a plan.
 */
export const heldRemoval = z.object({ integrationId: guid, userId: guid, why: removalReason, heldAt: instant });
export type HeldRemoval = z.infer<typeof heldRemoval>;
