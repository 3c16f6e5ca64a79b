import type { IntegrationSettings, SubscriptionRecord, Watch } from '@muster/contracts';
import type { Store } from '@muster/store';
import { toWatches } from './domain/watches.js';

export type Wanted = {
  wanted: Watch[];
  /** False until the first load has told which groups are nested in the chosen one. */
  isTreeKnown: boolean;
};

/** Without the right to hear of the chosen group, nested ones are not asked for either. */
export async function readWanted(
  store: Pick<Store, 'groups'>,
  settings: IntegrationSettings,
  records: readonly SubscriptionRecord[],
): Promise<Wanted> {
  const { features, groupId, state, tenantId } = settings;
  const chosen = records.find(({ resource }) => resource === `/groups/${String(groupId)}`);
  if (groupId === null || !features.userSync || state !== 'active' || chosen?.status === 'refused')
    return { wanted: toWatches(settings, nestedOf(records, settings)), isTreeKnown: true };
  const tree = (await store.groups.ofTenant(tenantId)).filter(({ groupPath }) => groupPath[0] === groupId);
  const nestedIds = tree.filter(({ groupPath }) => groupPath.length > 1).map((group) => group.groupId);
  return { wanted: toWatches(settings, nestedIds), isTreeKnown: tree.length > 0 };
}

/** While paused, what there is stays. */
const nestedOf = (records: readonly SubscriptionRecord[], { state, groupId }: IntegrationSettings): string[] =>
  state !== 'paused'
    ? []
    : records.flatMap(({ entity, resource }) => {
        const id = resource.slice('/groups/'.length);
        return entity === 'group' && id !== groupId ? [id] : [];
      });
