import { z } from 'zod';
import { guid, subscriptionEvent, subscriptionRecord } from '@muster/contracts';
import type { Store } from '@muster/store';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';

export type SubscriptionRoutesOptions = { store: Pick<Store, 'integrations' | 'subscriptions' | 'lag'> };

const { resource, entity, status } = subscriptionRecord.shape;
const text = z.string().nullable();
const subscriptionView = z
  .object({
    resource,
    entity,
    status,
    subscriptionId: text.describe('At Graph; null while none is held.'),
    createdAt: text,
    renewedAt: text,
    expiresAt: text,
    notifiedAt: text.describe('When the receiver had its last notification; null: none yet.'),
    failure: z.object({ code: z.string(), message: z.string(), at: z.string() }).nullable(),
    events: z.array(subscriptionEvent).describe('What was done about it, newest first.'),
  })
  .meta({ id: 'Subscription' });

export const subscriptionRoutes = ({ store }: SubscriptionRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}/subscriptions',
    summary: 'What Graph is asked to tell: state, time left, last notification, history',
    tag: 'status',
    params: z.object({ integrationId: guid }),
    answer: { status: 200, description: 'One for each watch.', schema: z.object({ items: z.array(subscriptionView) }) },
    errors: [404],
    handle: async ({ params: { integrationId }, principal }) => {
      await findIntegration(store.integrations, principal, integrationId);
      const [records, heard] = await Promise.all([
        store.subscriptions.ofIntegration(integrationId),
        store.lag.lastHeard(integrationId),
      ]);
      const notifiedAt = new Map(heard.map((one) => [one.resource, one.receivedAt]));
      const items = records.map(({ events = [], ...record }) => ({
        ...record,
        notifiedAt: notifiedAt.get(record.resource) ?? null,
        events,
      }));
      return { body: { items } };
    },
  }),
];
