import type { Member } from '../tenant/group.js';
import { flattenGroup } from '../tenant/membership.js';
import type { View } from '../tenant/replica.js';
import type { Tenant } from '../tenant/tenant.js';

type Listing = { readonly version: number; readonly members: readonly Member[] };

/** So many listings of one group, each of another version of the directory, can be read at a time. */
const KEPT = 8;

const listings = new WeakMap<Tenant, Map<string, readonly Listing[]>>();

/**
 * Nested membership, computed once per version of the directory: a page must not cost a walk over the whole tree, and
 * the pages of one listing must agree. `version` is that of the listing's first page; left out for a first page.
 */
export const nestedMembers = (
  { tenant, view }: { readonly tenant: Tenant; readonly view: View },
  groupId: string,
  version = view.version(),
): Listing => {
  const ofTenant = listings.get(tenant) ?? new Map<string, readonly Listing[]>();
  listings.set(tenant, ofTenant);
  const kept = ofTenant.get(groupId) ?? [];
  const listing = kept.find((one) => one.version === version) ?? {
    version: view.version(),
    members: flattenGroup(tenant, groupId, view),
  };
  // The one read last comes first, so that one in the middle of being read is not forgotten.
  const others = kept.filter((one) => one.version !== listing.version);
  ofTenant.set(groupId, [listing, ...others].slice(0, KEPT));
  return listing;
};
