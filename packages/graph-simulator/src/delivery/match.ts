import { parseResource } from '../subscriptions/subscription.js';
import type { Subscription, Watched } from '../subscriptions/subscription.js';
import type { Change } from '../tenant/change-log.js';

export type Announced = { readonly kind: 'users' | 'groups'; readonly changeType: 'updated' | 'deleted' };

/** How a change is announced: creation, soft deletion and restoring are `updated`, only purging is `deleted`. */
export const announce = (change: Change): Announced => ({
  kind: change.type === 'user' ? 'users' : 'groups',
  changeType: change.type !== 'member' && change.what === 'purged' ? 'deleted' : 'updated',
});

const watches = (watched: Watched, change: Change, kind: Announced['kind']): boolean => {
  if (watched.kind !== kind) return false;
  if (watched.id !== null && watched.id !== change.id) return false;
  if (watched.part === 'members') return change.type === 'member';
  if (watched.part === 'owners') return change.type === 'group' && change.what === 'owners';
  return true;
};

export const isWatchedBy = (change: Change, subscription: Subscription): boolean => {
  const { kind, changeType } = announce(change);
  const watched = parseResource(subscription.resource);
  return watched !== null && subscription.changeType.split(',').includes(changeType) && watches(watched, change, kind);
};
