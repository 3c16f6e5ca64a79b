import type { Store } from '@muster/store';
import type { TenantPlan } from './domain/plan-batch.js';

export async function saveGroups({ groups }: TenantPlan, store: Pick<Store, 'groups'>): Promise<void> {
  const newest = new Map<string, (typeof groups)[number]>();
  for (const group of groups) {
    const known = newest.get(group.groupId);
    if (!known || group.observedAt >= known.observedAt) newest.set(group.groupId, group);
  }
  const latest = [...newest.values()];
  await store.groups.save(
    latest.flatMap(({ tenantId, groupId, displayName, groupPath, observedAt }) =>
      groupPath ? [{ tenantId, groupId, displayName, groupPath, observedAt }] : [],
    ),
  );
  await store.groups.remove(latest.filter(({ groupPath }) => groupPath === null).map(toGone));
}

const toGone = ({ tenantId, groupId, observedAt }: { tenantId: string; groupId: string; observedAt: string }) => ({
  tenantId,
  groupId,
  observedAt,
});
