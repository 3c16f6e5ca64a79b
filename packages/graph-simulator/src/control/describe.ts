import { isPasswordless, preferredOf } from '../graph/operations/reports.js';
import { toTime } from '../graph/shape-user.js';
import type { Group } from '../tenant/group.js';
import { groupsAbove, pathFrom } from '../tenant/membership.js';
import { livingUsers } from '../tenant/tenant.js';
import type { Tenant } from '../tenant/tenant.js';
import type { User, UserFields } from '../tenant/user.js';
import { USER_FIELDS } from '../tenant/user.js';

/** What one needs to connect to a tenant, the secret included. */
export const describeTenant = (tenant: Tenant) => {
  const secret = tenant.apps.get(tenant.clientId)?.secrets[0];
  return {
    tenantId: tenant.id,
    name: tenant.name,
    domain: tenant.domain,
    groupId: tenant.chosenGroupId,
    nestedGroupIds: tenant.nestedGroupIds,
    clientId: tenant.clientId,
    clientSecret: secret?.text ?? null,
    secretExpiresAt: secret === undefined ? null : toTime(secret.endsAt),
    kind: tenant.kind,
    licence: tenant.licence,
    permissions: tenant.apps.get(tenant.clientId)?.granted ?? [],
    people: livingUsers(tenant),
  };
};

/** Counted by walking everyone: for people who look, not for every request. */
export const countTenant = (tenant: Tenant) => {
  const counts = { users: 0, deleted: tenant.users.bin.size, disabled: 0, guests: 0, inGroup: 0, mfaRegistered: 0 };
  for (const user of tenant.users.slots) {
    if (user?.deletedAt !== null) continue;
    counts.users += 1;
    if (!user.accountEnabled) counts.disabled += 1;
    if (user.userType === 'Guest') counts.guests += 1;
    if (user.mfa.methods.length > 0) counts.mfaRegistered += 1;
    if (groupsAbove(tenant, user.memberOf).has(tenant.chosenGroupId)) counts.inGroup += 1;
  }
  return counts;
};

/** The state that every picture of this person must end in. A soft-deleted person is not in the group. */
export const toTruth = (tenant: Tenant, user: User) => {
  const path = user.deletedAt === null ? pathFrom(tenant, tenant.chosenGroupId, user.memberOf) : [];
  const fields = Object.fromEntries(USER_FIELDS.map((field) => [field, user[field]])) as UserFields;
  const { methods, capable } = user.mfa;
  const reported = user.deletedAt === null && user.accountEnabled;
  return {
    id: user.id,
    ...fields,
    createdDateTime: toTime(user.createdAt),
    deletedDateTime: user.deletedAt === null ? null : toTime(user.deletedAt),
    inGroup: path.length > 0,
    groupPath: path,
    /** Null where the report has no row: the person is disabled or deleted. */
    mfa: reported
      ? {
          methods,
          isMfaRegistered: methods.length > 0,
          isMfaCapable: capable,
          isPasswordlessCapable: isPasswordless(user.mfa),
          preferredMethod: preferredOf(user.mfa),
        }
      : null,
  };
};

export const listTruth = (tenant: Tenant, { skip, top }: { skip: number; top: number }) => {
  const users: ReturnType<typeof toTruth>[] = [];
  let position = 0;
  for (const user of tenant.users.slots) {
    if (user === undefined) continue;
    if (position >= skip && users.length < top) users.push(toTruth(tenant, user));
    position += 1;
  }
  return { users, total: position };
};

/** From the directory (`groupId` null) or from one group; times in ms since 1970, `back` null while it lasts. */
type Absence = { readonly groupId: string | null; readonly left: number; back: number | null };

/** Of whom it was ever true, how often and when: nobody else may ever be told so. Groups of the past count for all. */
export const listLeavers = (tenant: Tenant) => {
  const absences: Record<string, Absence[]> = {};
  const lasting = (id: string, groupId: string | null) =>
    absences[id]?.find((one) => one.groupId === groupId && one.back === null);
  const leave = (id: string, groupId: string | null, left: number) => {
    if (lasting(id, groupId) === undefined) (absences[id] ??= []).push({ groupId, left, back: null });
  };
  const comeBack = (id: string, groupId: string | null, back: number) => {
    const absence = lasting(id, groupId);
    if (absence !== undefined) absence.back = back;
  };
  let didGroupsMove = false;
  for (const change of tenant.log.entries()) {
    const isEnd = change.type !== 'member' && (change.what === 'deleted' || change.what === 'purged');
    if (change.type === 'user' && isEnd) leave(change.id, null, change.at);
    if (change.type === 'user' && change.what === 'restored') comeBack(change.id, null, change.at);
    if (change.type === 'member' && change.memberType === 'user')
      (change.added ? comeBack : leave)(change.memberId, change.id, change.at);
    didGroupsMove ||= change.type === 'member' && !change.added && change.memberType === 'group';
    didGroupsMove ||= change.type === 'group' && isEnd;
  }
  return { absences, didGroupsMove };
};

export const describeGroup = (group: Group) => ({
  id: group.id,
  displayName: group.displayName,
  description: group.description,
  unified: group.unified,
  deletedDateTime: group.deletedAt === null ? null : toTime(group.deletedAt),
  memberOf: group.memberOf,
});

/** Direct members as they truly are, soft-deleted people included. */
export const toGroupTruth = (group: Group) => ({
  ...describeGroup(group),
  owners: group.owners,
  members: group.slots.filter((member) => member !== undefined),
});
