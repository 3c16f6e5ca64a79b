import type { LifecycleEvent, SubscriptionRecord } from '@muster/contracts';
import type { Store } from '@muster/store';
import { toWish, withWishes } from './domain/plan-subscriptions.js';

type SubscriptionsStore = Store['subscriptions'];

/** Whoever is slow is left to itself, and its event counts as taken: so what it asks for is kept until it is done. */
export async function keepWish(subscriptions: SubscriptionsStore, event: LifecycleEvent, now: number): Promise<void> {
  const { integrationId, subscriptionId } = event;
  const records = await subscriptions.ofIntegration(integrationId);
  const record = records.find((one) => one.subscriptionId === subscriptionId);
  const wish = record && toWish(record, event, now);
  if (wish) await subscriptions.want(integrationId, subscriptionId, wish);
}

/** What Graph asked for while the call was under way is kept for the next look. */
export async function saveBesideWishes(
  subscriptions: SubscriptionsStore,
  record: SubscriptionRecord,
  known: SubscriptionRecord | undefined,
): Promise<void> {
  const later = await subscriptions.save(record, known);
  if (later) await saveBesideWishes(subscriptions, withWishes(record, later), later);
}
