import type { Member } from './group.js';
import type { View } from './replica.js';
import { viewOf } from './replica.js';
import type { Tenant } from './tenant.js';

/** All members, direct and nested, each once; holds for groups that contain each other. */
export const flattenGroup = (tenant: Tenant, groupId: string, view: View = viewOf(tenant, Infinity)): Member[] => {
  const seen = new Set<string>([groupId]);
  const members: Member[] = [];
  const open = [groupId];
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    const group = view.group(id);
    for (const member of group?.deletedAt === null ? view.members(group) : []) {
      if (member === undefined || seen.has(member.id)) continue;
      seen.add(member.id);
      members.push(member);
      if (member.type === 'group') open.push(member.id);
    }
  }
  return members;
};

/** A group in the bin keeps its members, and holds nobody. */
const living = (tenant: Tenant, groupIds: readonly string[]): string[] =>
  groupIds.filter((id) => tenant.groups.get(id)?.deletedAt === null);

/** Ids of all groups that hold the object, directly or through others. */
export const groupsAbove = (tenant: Tenant, memberOf: readonly string[]): Set<string> => {
  const seen = new Set(living(tenant, memberOf));
  // A Set visits what is added while it is walked.
  for (const id of seen) for (const parent of living(tenant, tenant.groups.get(id)?.memberOf ?? [])) seen.add(parent);
  return seen;
};

/** The shortest way from `groupId` down to a group that holds the object; empty when it is not inside. */
export const pathFrom = (tenant: Tenant, groupId: string, memberOf: readonly string[]): string[] => {
  const below = new Map<string, string | null>(living(tenant, memberOf).map((id) => [id, null]));
  for (const id of below.keys()) {
    if (id === groupId) break;
    for (const parent of living(tenant, tenant.groups.get(id)?.memberOf ?? []))
      if (!below.has(parent)) below.set(parent, id);
  }
  const path: string[] = [];
  if (!below.has(groupId)) return path;
  for (let id: string | null | undefined = groupId; id != null; id = below.get(id)) path.push(id);
  return path;
};
