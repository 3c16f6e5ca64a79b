import type { SubscriptionRecord, Watch } from '@muster/contracts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const NOW = Date.parse('2026-11-23T12:00:00Z');
export const USERS: Watch = { entity: 'user', resource: '/users' };
export const ours = { notificationUrl: 'https://receiver.example/graph/notifications', signedWith: 'key-2' };
export const ID = '44444444-4444-4444-8444-444444444444';
export const at = (time: number): string => new Date(time).toISOString();

/** A subscription that is ours and lives, a day old at NOW. */
export const live = (watch: Watch, fields: Partial<SubscriptionRecord> = {}): SubscriptionRecord => ({
  integrationId: '11111111-1111-4111-8111-111111111111',
  tenantId: '22222222-2222-4222-8222-222222222222',
  ...watch,
  subscriptionId: ID,
  status: 'live',
  ...ours,
  expiresAt: at(NOW + 27 * DAY),
  createdAt: at(NOW - DAY),
  renewedAt: null,
  failure: null,
  ...fields,
});
