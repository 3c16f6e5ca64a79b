import { z } from 'zod';
import { guid, instant } from './ids.js';
import { TOPICS } from './topics.js';

/** A partition of `graph.notifications`, as a canary names it. */
export const isPartition = (text: string): boolean =>
  /^(0|[1-9]\d?)$/.test(text) && Number(text) < TOPICS.notifications.partitions;

/** Value of `graph.notifications`: one proved notification, clientState stripped. Key `{tenantId}/{entityId}`. */
export const notificationEvent = z
  .object({
    version: z.literal(1),
    integrationId: guid,
    tenantId: guid,
    subscriptionId: guid,
    entity: z.enum(['user', 'group', 'canary']),
    /** Object id; the partition number as text for a canary. */
    entityId: z.string().min(1).max(64),
    changeType: z.string(),
    members: z.array(z.object({ id: guid, removed: z.boolean() })).optional(),
    /** Graph's own time of the change, where it says one. */
    eventTime: instant.optional(),
    /** Over 2^53, so text. */
    sequenceNumber: z.string().optional(),
    receivedAt: instant,
  })
  .refine(({ entity, entityId }) => entity !== 'canary' || isPartition(entityId), {
    path: ['entityId'],
    message: 'names no partition, as a canary must',
  });
export type NotificationEvent = z.infer<typeof notificationEvent>;

/** Value of `graph.lifecycle`. Key: subscription id. */
export const lifecycleEvent = z.object({
  version: z.literal(1),
  integrationId: guid,
  tenantId: guid,
  subscriptionId: guid,
  lifecycleEvent: z.string(),
  subscriptionExpirationDateTime: z.string().optional(),
  receivedAt: instant,
});
export type LifecycleEvent = z.infer<typeof lifecycleEvent>;
