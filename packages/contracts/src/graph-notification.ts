import { z } from 'zod';
import { guid } from './ids.js';

/**
 * What Graph posts (https://learn.microsoft.com/graph/api/resources/changenotification). Parsers are tolerant:
 * unknown fields are ignored, `organizationId` may stand for `tenantId`, `@removed` may be text or an object.
 */

const memberDelta = z.object({ id: guid, '@removed': z.unknown().optional() }).transform((member) => ({
  id: member.id,
  removed: member['@removed'] !== undefined && member['@removed'] !== null,
}));

export const changeNotification = z
  .object({
    subscriptionId: guid,
    tenantId: guid.optional(),
    organizationId: guid.optional(),
    changeType: z.string().min(1).max(64),
    resource: z.string().min(1).max(512),
    clientState: z.unknown(),
    resourceData: z
      .object({
        id: guid.optional(),
        organizationId: guid.optional(),
        eventTime: z.string().max(64).optional().nullable(),
        sequenceNumber: z.union([z.string(), z.number()]).optional().nullable(),
        'members@delta': z.array(memberDelta).max(10_000).optional().nullable(),
      })
      .optional()
      .nullable(),
  })
  .transform((item, context) => {
    const tenantId = item.tenantId ?? item.organizationId ?? item.resourceData?.organizationId;
    if (tenantId === undefined) {
      context.addIssue({ code: 'custom', message: 'has neither tenantId nor organizationId', path: ['tenantId'] });
      return z.NEVER;
    }
    return {
      subscriptionId: item.subscriptionId,
      tenantId,
      changeType: item.changeType,
      resource: item.resource.replace(/^\//, ''),
      clientState: item.clientState,
      entityId: item.resourceData?.id,
      eventTime: item.resourceData?.eventTime ?? undefined,
      sequenceNumber: item.resourceData?.sequenceNumber?.toString(),
      members: item.resourceData?.['members@delta'] ?? undefined,
    };
  });
export type ChangeNotification = z.infer<typeof changeNotification>;

/** https://learn.microsoft.com/graph/change-notifications-lifecycle-events; both documented and captured shapes. */
export const lifecycleNotification = z
  .object({
    subscriptionId: guid,
    tenantId: guid.optional().nullable(),
    organizationId: guid.optional().nullable(),
    lifecycleEvent: z.string().min(1).max(64),
    clientState: z.unknown(),
    subscriptionExpirationDateTime: z.string().max(64).optional().nullable(),
  })
  .transform((item, context) => {
    const tenantId = item.tenantId ?? item.organizationId;
    if (tenantId === undefined || tenantId === null) {
      context.addIssue({ code: 'custom', message: 'has neither tenantId nor organizationId', path: ['tenantId'] });
      return z.NEVER;
    }
    return {
      subscriptionId: item.subscriptionId,
      tenantId,
      lifecycleEvent: item.lifecycleEvent,
      clientState: item.clientState,
      subscriptionExpirationDateTime: item.subscriptionExpirationDateTime ?? undefined,
    };
  });
export type LifecycleNotification = z.infer<typeof lifecycleNotification>;

/** The collection; its items stay unread so that one bad item cannot spoil the others. */
export const notificationCollection = z.object({ value: z.array(z.unknown()).min(1) });
