import { Conflict } from './conflict.js';
import type { Group, GroupField, Member } from './group.js';
import { GROUP_FIELDS } from './group.js';
import { rememberGroup, rememberMember } from './replica.js';
import type { Tenant } from './tenant.js';

type Membership = { readonly groupId: string; readonly memberId: string; readonly at: number };

const findMember = (tenant: Tenant, id: string) => tenant.users.byId.get(id) ?? tenant.groups.get(id);

const findGroup = (tenant: Tenant, id: string): Group => {
  const group = tenant.groups.get(id);
  if (group === undefined) throw new Conflict(`group ${id} is not in this tenant; give the id of one of its groups.`);
  return group;
};

/** Puts a member into a group without a change: for seeding and for loading what was saved. */
export const placeMember = (tenant: Tenant, group: Group, id: string): Member => {
  const holder = findMember(tenant, id);
  if (holder === undefined) throw new Conflict(`${id} is neither a user nor a group of this tenant.`);
  const member: Member = { id, type: tenant.users.byId.has(id) ? 'user' : 'group' };
  group.index.set(id, group.slots.length);
  group.slots.push(member);
  holder.memberOf = [...holder.memberOf, group.id];
  return member;
};

/** Returns false when it was a member before. */
export const addMember = (tenant: Tenant, { groupId, memberId, at }: Membership): boolean => {
  const group = findGroup(tenant, groupId);
  if (group.index.has(memberId)) return false;
  if (findMember(tenant, memberId) !== undefined) {
    const member: Member = { id: memberId, type: tenant.users.byId.has(memberId) ? 'user' : 'group' };
    rememberMember(tenant, { groupId, slot: group.slots.length, member, added: true, at });
  }
  const { type } = placeMember(tenant, group, memberId);
  tenant.onChange(tenant.log.append({ type: 'member', id: groupId, memberId, memberType: type, added: true, at }));
  return true;
};

/** Returns false when it was no member. */
export const dropMember = (tenant: Tenant, { groupId, memberId, at }: Membership): boolean => {
  const group = findGroup(tenant, groupId);
  const slot = group.index.get(memberId);
  const member = slot === undefined ? undefined : group.slots[slot];
  if (slot === undefined || member === undefined) return false;
  rememberMember(tenant, { groupId, slot, member, added: false, at });
  group.slots[slot] = undefined;
  group.index.delete(memberId);
  const holder = findMember(tenant, memberId);
  if (holder !== undefined) holder.memberOf = holder.memberOf.filter((id) => id !== groupId);
  const { type: memberType } = member;
  tenant.onChange(tenant.log.append({ type: 'member', id: groupId, memberId, memberType, added: false, at }));
  return true;
};

export const addGroup = (tenant: Tenant, group: Group): Group => {
  if (tenant.groups.has(group.id)) throw new Conflict(`group ${group.id} is in this tenant already.`);
  rememberGroup(tenant, { id: group.id, group: null, at: group.createdAt });
  tenant.groups.set(group.id, group);
  tenant.onChange(tenant.log.append({ type: 'group', id: group.id, what: 'created', at: group.createdAt }));
  return group;
};

type Ownership = { readonly groupId: string; readonly ownerId: string; readonly at: number };

const setOwners = (tenant: Tenant, group: Group, { owners, at }: { owners: readonly string[]; at: number }) => {
  rememberGroup(tenant, { id: group.id, group, at });
  group.owners = owners;
  tenant.onChange(tenant.log.append({ type: 'group', id: group.id, what: 'owners', at }));
};

/** Names a person as owner of a group. Nothing changes when the group was theirs before. */
export const addOwner = (tenant: Tenant, { groupId, ownerId, at }: Ownership): void => {
  const group = findGroup(tenant, groupId);
  if (!tenant.users.byId.has(ownerId))
    throw new Conflict(`${ownerId} is not a user of this tenant; only a person can own a group here.`);
  if (!group.owners.includes(ownerId)) setOwners(tenant, group, { owners: [...group.owners, ownerId], at });
};

/** Nothing changes when the group was not theirs. */
export const dropOwner = (tenant: Tenant, { groupId, ownerId, at }: Ownership): void => {
  const group = findGroup(tenant, groupId);
  if (!group.owners.includes(ownerId)) return;
  setOwners(tenant, group, { owners: group.owners.filter((id) => id !== ownerId), at });
};

/** Sets what is given and differs. */
export const updateGroup = (
  tenant: Tenant,
  group: Group,
  { fields: given, at }: { fields: Partial<Pick<Group, GroupField>>; at: number },
): void => {
  const fields = GROUP_FIELDS.filter((field) => given[field] !== undefined && given[field] !== group[field]);
  if (fields.length === 0) return;
  rememberGroup(tenant, { id: group.id, group, at });
  for (const field of fields) Object.assign(group, { [field]: given[field] });
  tenant.onChange(tenant.log.append({ type: 'group', id: group.id, what: 'updated', fields, at }));
};

/** Soft deletion; only some kinds of group have it (contract 5.3). */
export const deleteGroup = (tenant: Tenant, group: Group, at: number): void => {
  if (group.deletedAt !== null) return;
  rememberGroup(tenant, { id: group.id, group, at });
  group.deletedAt = at;
  tenant.onChange(tenant.log.append({ type: 'group', id: group.id, what: 'deleted', at }));
};

export const restoreGroup = (tenant: Tenant, group: Group, at: number): void => {
  if (group.deletedAt === null) return;
  rememberGroup(tenant, { id: group.id, group, at });
  group.deletedAt = null;
  tenant.onChange(tenant.log.append({ type: 'group', id: group.id, what: 'restored', at }));
};

/** Gone for good, at once for a security group. */
export const purgeGroup = (tenant: Tenant, group: Group, at: number): void => {
  for (const parent of group.memberOf) dropMember(tenant, { groupId: parent, memberId: group.id, at });
  rememberGroup(tenant, { id: group.id, group, at });
  for (const memberId of group.index.keys()) {
    const holder = findMember(tenant, memberId);
    if (holder !== undefined) holder.memberOf = holder.memberOf.filter((id) => id !== group.id);
  }
  tenant.groups.delete(group.id);
  tenant.onChange(tenant.log.append({ type: 'group', id: group.id, what: 'purged', at }));
};
