import type { IntegrationSettings, SubscriptionRecord } from '@muster/contracts';

type Removed = Pick<IntegrationSettings, 'state' | 'updatedAt'>;
type Subscribed = Pick<SubscriptionRecord, 'expiresAt'>;

/** What was under way when it was removed may still write. */
const SETTLED_MS = 5 * 60_000;

/** Whether the credentials of a removed integration are of no more use: nothing is left that they could unsubscribe. */
export const mayForget = ({ state, updatedAt }: Removed, records: readonly Subscribed[], now: Date): boolean =>
  state === 'removed' &&
  now.getTime() - Date.parse(updatedAt) >= SETTLED_MS &&
  records.every(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) <= now.getTime());
