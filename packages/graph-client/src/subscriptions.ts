import { Failure, guid, instant } from '@muster/contracts';
import { z } from 'zod';
import type { GraphSubscription, WantedSubscription } from './graph.js';
import type { Transport } from './microsoft-graph.js';
import { readPages } from './pages.js';

/** Creation, soft deletion and restore arrive as `updated`; `created` is refused for users and groups. */
const CHANGE_TYPES = 'updated,deleted';

const subscriptionShape = z
  .object({
    id: guid,
    resource: z.string(),
    changeType: z.string(),
    notificationUrl: z.string().nullish(),
    expirationDateTime: instant,
  })
  .transform(({ id, resource, changeType, notificationUrl, expirationDateTime }) => ({
    subscriptionId: id,
    resource: resource.startsWith('/') ? resource : `/${resource}`,
    changeType: changeType.split(',').sort().join(','),
    notificationUrl: notificationUrl ?? '',
    expiresAt: expirationDateTime,
  }));

function toSubscription(body: unknown, what: string): GraphSubscription {
  const parsed = subscriptionShape.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Failure('graph.malformed', `${what}: the answer is no subscription`, { retryable: true });
}

/** https://learn.microsoft.com/graph/api/subscription-post-subscriptions. A 409 says which id holds the slot. */
export async function createSubscription(transport: Transport, wanted: WantedSubscription): Promise<GraphSubscription> {
  const what = `subscribe to ${wanted.resource}`;
  const { body } = await transport({
    method: 'POST',
    path: '/subscriptions',
    what,
    body: {
      changeType: CHANGE_TYPES,
      notificationUrl: wanted.notificationUrl,
      lifecycleNotificationUrl: wanted.lifecycleNotificationUrl,
      resource: wanted.resource,
      expirationDateTime: wanted.expiresAt,
      clientState: wanted.clientState,
      latestSupportedTlsVersion: 'v1_2',
    },
  });
  return toSubscription(body, what);
}

export async function renewSubscription(
  transport: Transport,
  subscriptionId: string,
  expiresAt: string,
): Promise<GraphSubscription> {
  const what = 'renew a subscription';
  const { body } = await transport({
    method: 'PATCH',
    path: `/subscriptions/${subscriptionId}`,
    what,
    body: { expirationDateTime: expiresAt },
  });
  return toSubscription(body, what);
}

/** One that is already gone is deleted. */
export async function deleteSubscription(transport: Transport, subscriptionId: string): Promise<void> {
  try {
    await transport({ method: 'DELETE', path: `/subscriptions/${subscriptionId}`, what: 'delete a subscription' });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'graph.not-found') throw error;
  }
}

/** https://learn.microsoft.com/graph/api/subscription-get: sure where the list is not, and no PATCH. */
export async function readSubscription(
  transport: Transport,
  subscriptionId: string,
): Promise<GraphSubscription | null> {
  const what = 'look for a subscription';
  try {
    const { body } = await transport({ method: 'GET', path: `/subscriptions/${subscriptionId}`, what });
    return toSubscription(body, what);
  } catch (error) {
    if (error instanceof Failure && error.code === 'graph.not-found') return null;
    throw error;
  }
}

export async function listSubscriptions(transport: Transport): Promise<GraphSubscription[]> {
  const found: GraphSubscription[] = [];
  const what = 'list subscriptions';
  const toRow = (row: unknown): GraphSubscription => toSubscription(row, what);
  for await (const page of readPages({ transport, from: '/subscriptions', what, toRow })) found.push(...page.rows);
  return found;
}
