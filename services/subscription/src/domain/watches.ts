import type { IntegrationSettings, Watch } from '@muster/contracts';

type Watched = Pick<IntegrationSettings, 'state' | 'features' | 'groupId'>;

/**
 * What an integration wants to hear of. One subscription on all users (one a person is not workable: 100 an app and
 * tenant), one on the chosen group, which brings its membership too. Pausing keeps them, removing unsubscribes.
 */
export function toWatches({ state, features, groupId }: Watched): Watch[] {
  if (state === 'draft' || state === 'removed') return [];
  const users: Watch[] = features.userSync ? [{ entity: 'user', resource: '/users' }] : [];
  const group: Watch[] = groupId === null ? [] : [{ entity: 'group', resource: `/groups/${groupId}` }];
  return [...users, ...group];
}
