import type { IntegrationSettings } from '@muster/contracts';

/** Reads that the reconciler is asked for. */
export type SyncWish = { type: 'sweep' | 'users' | 'mfa'; reason: string };

/** Everything once, whatever was read lately. */
export function toRebuildWishes({ features }: Pick<IntegrationSettings, 'features'>) {
  return toFullWishes({ features }, 'rebuild of the documents');
}

const toFullWishes = ({ features }: Pick<IntegrationSettings, 'features'>, reason: string) => [
  ...(features.userSync ? [{ type: 'users' as const, reason }] : []),
  ...(features.mfaVerification ? [{ type: 'mfa' as const, reason }] : []),
];

/** The cheapest read that repairs: a sweep, which is of people; without User Sync the MFA report is all there is. */
export function toRepairWish({ features }: Pick<IntegrationSettings, 'features'>, reason: string): SyncWish {
  return { type: features.userSync ? 'sweep' : 'mfa', reason };
}

/** A first start needs everything once; after a pause the cheapest read that repairs is enough. */
export function toStartWishes(before: IntegrationSettings): SyncWish[] {
  if (before.startedAt !== null) return [toRepairWish(before, 'started again')];
  return toFullWishes(before, 'first start');
}

/** What an edit of a running integration makes necessary to read. */
export function toEditWishes(before: IntegrationSettings, after: IntegrationSettings): SyncWish[] {
  if (after.state !== 'active') return [];
  const scopeMoved = before.groupId !== after.groupId || before.includeGuests !== after.includeGuests;
  const turnedOn = (feature: 'userSync' | 'mfaVerification') => !before.features[feature] && after.features[feature];
  const wishes: SyncWish[] = [];
  if (after.features.userSync && (scopeMoved || turnedOn('userSync')))
    wishes.push({ type: 'users', reason: scopeMoved ? 'scope was changed' : 'user sync was turned on' });
  if (after.features.mfaVerification && (scopeMoved || turnedOn('mfaVerification')))
    wishes.push({ type: 'mfa', reason: scopeMoved ? 'scope was changed' : 'MFA verification was turned on' });
  return wishes;
}
