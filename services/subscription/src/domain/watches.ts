import type { IntegrationSettings, Watch } from '@muster/contracts';

type Watched = Pick<IntegrationSettings, 'state' | 'features' | 'groupId'>;

/** Graph allows an app 100 subscriptions in a tenant; beyond this many nested groups their changes come by full reads. */
export const NESTED_LIMIT = 40;

/**
 * What an integration wants to hear of. One subscription on all users (one a person is not workable: 100 an app and
 * tenant), one on the chosen group, which brings its membership too, and one on each group nested in it: a membership
 * change is told for the group itself only. Pausing keeps them, removing unsubscribes.
 */
export function toWatches({ state, features, groupId }: Watched, nestedIds: readonly string[] = []): Watch[] {
  if (state === 'draft' || state === 'removed') return [];
  // MFA verification alone reads the group with the report.
  if (!features.userSync) return [];
  const groups = groupId === null ? [] : [groupId, ...nestedIds.toSorted().slice(0, NESTED_LIMIT)];
  return [
    { entity: 'user', resource: '/users' },
    ...groups.map((id): Watch => ({ entity: 'group', resource: `/groups/${id}` })),
  ];
}
