import { purgeGroup } from './change-group.js';
import { purgeUser } from './change-user.js';
import type { Tenant } from './tenant.js';

/** What has been in the bin for its 30 days is gone for good (contract 5.3). */
export const emptyBin = (tenant: Tenant, { at, olderThan }: { at: number; olderThan: number }): void => {
  // In the order of deletion: the first one that may stay ends it.
  for (const user of tenant.users.bin.values()) {
    if ((user.deletedAt ?? at) > olderThan) break;
    purgeUser(tenant, user, at);
  }
  for (const group of tenant.groups.values())
    if (group.deletedAt !== null && group.deletedAt <= olderThan) purgeGroup(tenant, group, at);
};
