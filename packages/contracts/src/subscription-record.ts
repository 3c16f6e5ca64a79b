import { z } from 'zod';
import { guid, instant } from './ids.js';

/** What we ask Graph to watch for one integration. */
export const watch = z.object({ entity: z.enum(['user', 'group']), resource: z.string() });
export type Watch = z.infer<typeof watch>;

/** Something that was done about a subscription; failures of one kind in a row are one event. */
export const subscriptionEvent = z.object({
  at: instant,
  /** When it last was so, where it repeated. */
  lastAt: instant.optional(),
  times: z.int().positive(),
  kind: z.enum(['create', 'renew', 'sweep']),
  /** What set it off: a lifecycle notification, a renewal that was due, … */
  reason: z.string(),
  /** Code of the failure; null when it went well. */
  failure: z.string().nullable(),
});
export type SubscriptionEvent = z.infer<typeof subscriptionEvent>;
/** Events that a subscription keeps. */
export const SUBSCRIPTION_EVENTS = 30;

/** A document of `subscriptions`, `_id` = `{integrationId}/{resource}`: the subscription that we hold for a watch. */
export const subscriptionRecord = z.object({
  integrationId: guid,
  tenantId: guid,
  entity: z.enum(['user', 'group']),
  resource: z.string(),
  /** Null while none is held. */
  subscriptionId: guid.nullable(),
  status: z.enum(['live', 'missing', 'refused', 'slot-taken']),
  notificationUrl: z.string(),
  expiresAt: instant.nullable(),
  createdAt: instant.nullable(),
  renewedAt: instant.nullable(),
  /**
   * Since when Graph delivers without a pause that we know of; null while it does not (the app is shut out). Absent on
   * records of before: since `createdAt`.
   */
  deliversSince: instant.nullish(),
  /**
   * When Graph was last asked whether it is there ahead of the regular inventory, for something had left that open; not
   * earlier than what did. Absent: nothing ever has.
   */
  inventoriedAt: instant.optional(),
  /** Fingerprint of the key that signed its clientState: tells which ones a key rotation still has to replace. */
  signedWith: z.string().nullable(),
  /** What Graph asked for and nobody did yet: kept over a stop. The time is when its notification was received. */
  reauthoriseWantedAt: instant.optional(),
  recreateWantedAt: instant.optional(),
  /** When a PATCH was sent, or was about to be, of which nobody knows whether Graph made it. Absent: there is none. */
  unsureAt: instant.optional(),
  /** Last failure in words, without secrets; null when the last attempt went well. */
  failure: z
    .object({
      code: z.string(),
      message: z.string(),
      at: instant,
      /** Failed in a row. */
      count: z.int().positive(),
      /** Graph's Retry-After. */
      notBefore: instant.optional(),
    })
    .nullable(),
  /** Newest first; absent on records of before. */
  events: z.array(subscriptionEvent).max(SUBSCRIPTION_EVENTS).optional(),
});
export type SubscriptionRecord = z.infer<typeof subscriptionRecord>;
/** What Graph asks for by a lifecycle notification; kept until the record is saved anew. */
export type SubscriptionWish = Pick<SubscriptionRecord, 'reauthoriseWantedAt' | 'recreateWantedAt'>;
