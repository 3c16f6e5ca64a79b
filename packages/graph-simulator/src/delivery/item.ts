import type { Switches } from '../settings.js';
import type { Subscription } from '../subscriptions/subscription.js';
import { toOffsetTime } from '../subscriptions/subscription.js';
import type { LedgerEntry } from './ledger.js';

export type MemberDelta = { readonly id: string; readonly '@removed'?: 'deleted' };

/** One notification on its way, before it is text. */
export type Item = {
  readonly subscription: Subscription;
  readonly entry: LedgerEntry;
  readonly changedAt: number;
  readonly version: number;
} & (
  | {
      readonly type: 'change';
      readonly changeType: 'updated' | 'deleted';
      readonly kind: 'users' | 'groups';
      readonly id: string;
      /** More changes of one group's members join an item until it is posted. */
      readonly members: MemberDelta[];
    }
  | { readonly type: 'lifecycle'; readonly event: 'reauthorizationRequired' }
);

/** Where the item happened, for the scope of a fault. */
export const pathOf = (item: Item): string =>
  item.type === 'change' ? `/${item.kind}/${item.id}` : `/subscriptions/${item.subscription.id}`;

// .NET ticks: 100 ns since the year 1. Always above 2^53, so whoever uses JSON.parse loses digits.
const TICKS_AT_1970 = 621_355_968_000_000_000n;
export const toSequenceNumber = (at: number, version: number): bigint =>
  TICKS_AT_1970 + BigInt(at) * 10_000n + BigInt(version % 10_000);

/** Seven digits of a second, as Graph has been seen to write them; changes of one millisecond are told apart. */
const toEventTime = (at: number, version: number): string =>
  new Date(at).toISOString().replace('Z', `${String(version % 10_000).padStart(4, '0')}Z`);

type Forms = Pick<Switches, 'eventTimes' | 'lifecycleShape'>;

const NAMES = { users: ['Users', 'User'], groups: ['Groups', 'Group'] } as const;

/** As seen in 2026-04: organizationId instead of tenantId, and the subscription as resource (contract 4). */
const toCaptured = (
  item: Item & { readonly type: 'lifecycle' },
  { tenantId, ...shared }: { readonly tenantId: string },
): object => {
  const { id } = item.subscription;
  const resource = `Subscriptions/${id}`;
  return {
    ...shared,
    encryptedContent: null,
    organizationId: tenantId,
    lifecycleEvent: item.event,
    resource,
    resourceChangeType: null,
    resourceData: { '@odata.id': resource, '@odata.type': '#microsoft.graph.subscription', id },
  };
};

/** The JSON text of an item (contract 3.1 and 4); text, as a number of 18 digits does not survive JSON.stringify. */
export const toItemText = (item: Item, { eventTimes, lifecycleShape }: Forms): string => {
  const { subscription } = item;
  const shared = {
    ...(subscription.clientState !== null && { clientState: subscription.clientState }),
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: toOffsetTime(subscription.expiresAt),
    tenantId: subscription.tenantId,
  };
  if (item.type === 'lifecycle')
    return JSON.stringify(
      lifecycleShape === 'documented' ? { ...shared, lifecycleEvent: item.event } : toCaptured(item, shared),
    );
  const [collection, type] = NAMES[item.kind];
  const resource = `${collection}/${item.id}`;
  const head = JSON.stringify({ changeType: item.changeType, resource, ...shared });
  const content = JSON.stringify({
    '@odata.type': `#Microsoft.Graph.${type}`,
    '@odata.id': resource,
    id: item.id,
    organizationId: subscription.tenantId,
    ...(eventTimes && { eventTime: toEventTime(item.changedAt, item.version) }),
    ...(item.members.length > 0 && { 'members@delta': item.members }),
  });
  if (!eventTimes) return `${head.slice(0, -1)},"resourceData":${content}}`;
  const sequenceNumber = toSequenceNumber(item.changedAt, item.version);
  return `${head.slice(0, -1)},"resourceData":${content.slice(0, -1)},"sequenceNumber":${sequenceNumber.toString()}}}`;
};

export const toBody = (items: readonly Item[], forms: Forms): string =>
  `{"value":[${items.map((item) => toItemText(item, forms)).join(',')}]}`;
