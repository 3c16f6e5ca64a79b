import type { NewChange } from './change-log.js';
import { dropMember, dropOwner } from './change-group.js';
import { Conflict } from './conflict.js';
import { rememberUser } from './replica.js';
import type { Tenant } from './tenant.js';
import type { Mfa, User, UserField, UserFields } from './user.js';
import { USER_FIELDS, WHOLE, maskOf } from './user.js';

const record = (tenant: Tenant, change: NewChange) => tenant.onChange(tenant.log.append(change));

const refuseTakenName = ({ users }: Tenant, name: string, owner: User | undefined) => {
  const holder = users.byName.get(name.toLowerCase());
  if (holder !== undefined && holder !== owner)
    throw new Conflict(`userPrincipalName ${name} is taken in this tenant; choose another.`);
};

/** Puts a person into the directory without a change: for seeding and for loading what was saved. */
export const placeUser = ({ users }: Tenant, user: User): User => {
  if (users.byId.has(user.id)) throw new Conflict(`object ${user.id} is in this tenant already; choose another id.`);
  user.slot = users.slots.length;
  users.slots.push(user);
  users.byId.set(user.id, user);
  if (user.deletedAt === null) users.byName.set(user.userPrincipalName.toLowerCase(), user);
  else users.bin.set(user.id, user);
  return user;
};

export const addUser = (tenant: Tenant, user: User): User => {
  refuseTakenName(tenant, user.userPrincipalName, undefined);
  rememberUser(tenant, { id: user.id, user: null, at: user.createdAt });
  placeUser(tenant, user);
  record(tenant, { type: 'user', id: user.id, what: 'created', mask: WHOLE, at: user.createdAt });
  return user;
};

/** Sets what is given and differs. Returns the names of the fields that changed. */
export const updateUser = (
  tenant: Tenant,
  user: User,
  { fields, at }: { fields: Partial<UserFields>; at: number },
): UserField[] => {
  const changed = USER_FIELDS.filter((field) => fields[field] !== undefined && fields[field] !== user[field]);
  if (changed.length === 0) return [];
  if (fields.userPrincipalName !== undefined) refuseTakenName(tenant, fields.userPrincipalName, user);
  rememberUser(tenant, { id: user.id, user, at });
  if (fields.userPrincipalName !== undefined) {
    if (user.deletedAt === null) {
      tenant.users.byName.delete(user.userPrincipalName.toLowerCase());
      tenant.users.byName.set(fields.userPrincipalName.toLowerCase(), user);
    }
  }
  for (const field of changed) Object.assign(user, { [field]: fields[field] });
  record(tenant, { type: 'user', id: user.id, what: 'updated', mask: maskOf(changed), at });
  return changed;
};

/** Soft deletion: the person waits in deletedItems and stays a member of groups (delta-query-groups). */
export const deleteUser = (tenant: Tenant, user: User, at: number): void => {
  if (user.deletedAt !== null) return;
  rememberUser(tenant, { id: user.id, user, at });
  user.deletedAt = at;
  tenant.users.bin.set(user.id, user);
  tenant.users.byName.delete(user.userPrincipalName.toLowerCase());
  record(tenant, { type: 'user', id: user.id, what: 'deleted', mask: 0, at });
};

export const restoreUser = (tenant: Tenant, user: User, at: number): void => {
  if (user.deletedAt === null) return;
  refuseTakenName(tenant, user.userPrincipalName, user);
  rememberUser(tenant, { id: user.id, user, at });
  user.deletedAt = null;
  tenant.users.bin.delete(user.id);
  tenant.users.byName.set(user.userPrincipalName.toLowerCase(), user);
  record(tenant, { type: 'user', id: user.id, what: 'restored', mask: WHOLE, at });
};

/** Gone for good; only now do groups lose the person. */
export const purgeUser = (tenant: Tenant, user: User, at: number): void => {
  for (const groupId of user.memberOf) dropMember(tenant, { groupId, memberId: user.id, at });
  for (const groupId of tenant.groups.keys()) dropOwner(tenant, { groupId, ownerId: user.id, at });
  rememberUser(tenant, { id: user.id, user, at });
  if (user.deletedAt === null) tenant.users.byName.delete(user.userPrincipalName.toLowerCase());
  tenant.users.bin.delete(user.id);
  tenant.users.byId.delete(user.id);
  tenant.users.slots[user.slot] = undefined;
  record(tenant, { type: 'user', id: user.id, what: 'purged', mask: 0, at });
};

/** MFA registration raises no change: Graph has neither a notification nor a delta for it. */
export const setMfa = (user: User, mfa: Mfa, { at, reportDelay }: { at: number; reportDelay: number }): void => {
  if (at - user.mfaChangedAt >= reportDelay) user.mfaBefore = user.mfa;
  user.mfa = mfa;
  user.mfaChangedAt = at;
};

/** What the registration report shows now. */
export const reportedMfa = (user: User, { at, reportDelay }: { at: number; reportDelay: number }): Mfa =>
  at - user.mfaChangedAt >= reportDelay ? user.mfa : user.mfaBefore;
