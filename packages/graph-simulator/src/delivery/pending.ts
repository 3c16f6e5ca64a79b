import type { World } from '../world.js';
import type { Item } from './item.js';
import type { LedgerEntry } from './ledger.js';
import type { Pending } from './outbox.js';

type Kept<T> = T extends unknown ? Omit<T, 'subscription' | 'entry'> : never;

/** An item as the state file keeps it: the subscription by id, of the ledger what cannot be made again. */
export type KeptItem = {
  readonly subscriptionId: string;
  readonly entry: Pick<LedgerEntry, 'entity' | 'entityId' | 'sentAt' | 'status' | 'attempts'>;
  readonly item: Kept<Item>;
};

export type KeptBatch = {
  readonly url: string;
  readonly attempts: number;
  readonly firstAt: number;
  readonly items: readonly KeptItem[];
};

const toKept = ({ subscription, entry, ...item }: Item): KeptItem => {
  const { entity, entityId, sentAt, status, attempts } = entry;
  return { subscriptionId: subscription.id, entry: { entity, entityId, sentAt, status, attempts }, item };
};

export const toKeptBatch = ({ url, attempts, firstAt, items }: Pending): KeptBatch => ({
  url,
  attempts,
  firstAt,
  items: items.map(toKept),
});

/** Null when the subscription is gone: its notifications go with it. */
export const toItem = ({ subscriptionId, entry, item }: KeptItem, { subscriptions, ledger }: World): Item | null => {
  const subscription = subscriptions.find(subscriptionId);
  if (subscription === undefined) return null;
  const { tenantId } = subscription;
  return {
    ...item,
    subscription,
    entry: ledger.open({ ...entry, subscriptionId, tenantId, changedAt: item.changedAt }),
  };
};
