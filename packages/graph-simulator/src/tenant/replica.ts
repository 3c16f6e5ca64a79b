import type { Group, Member } from './group.js';
import type { Tenant } from './tenant.js';
import type { User } from './user.js';

/** An object as it was before a change; null: it did not exist. Seen until the replica has caught up. */
type Shadow<T> = { readonly until: number; readonly before: T | null };
type LateMember = {
  readonly until: number;
  readonly groupId: string;
  readonly slot: number;
  readonly member: Member;
  readonly added: boolean;
};

/** The changes that a lagging replica does not show yet, oldest first. */
export type Replica = {
  readonly users: Map<string, Shadow<User>[]>;
  readonly groups: Map<string, Shadow<Group>[]>;
  members: LateMember[];
  /** Versions of the change log that delta does not reach yet. */
  versions: { readonly version: number; readonly until: number }[];
  lastUntil: number;
};

export const createReplica = (): Replica => ({
  users: new Map(),
  groups: new Map(),
  members: [],
  versions: [],
  lastUntil: 0,
});

const lagUntil = (tenant: Tenant, path: string, at: number): number | null => {
  const lag = tenant.lagOf(path);
  if (lag <= 0) return null;
  const { replica } = tenant;
  const until = at + lag;
  replica.lastUntil = Math.max(replica.lastUntil, until);
  // The change that follows gets the next version.
  replica.versions.push({ version: tenant.log.version() + 1, until });
  return until;
};

const push = <T>(shadows: Map<string, Shadow<T>[]>, id: string, shadow: Shadow<T>) =>
  shadows.set(id, [...(shadows.get(id) ?? []), shadow]);

/** Called before every change of a person. */
export const rememberUser = (tenant: Tenant, { id, user, at }: { id: string; user: User | null; at: number }): void => {
  const until = lagUntil(tenant, `/users/${id}`, at);
  if (until !== null) push(tenant.replica.users, id, { until, before: user && { ...user } });
};

export const rememberGroup = (
  tenant: Tenant,
  { id, group, at }: { id: string; group: Group | null; at: number },
): void => {
  const until = lagUntil(tenant, `/groups/${id}`, at);
  if (until !== null) push(tenant.replica.groups, id, { until, before: group && { ...group } });
};

/** Called before a change of membership; the member itself is remembered with the groups it was in. */
export const rememberMember = (
  tenant: Tenant,
  { at, ...late }: Omit<LateMember, 'until'> & { readonly at: number },
): void => {
  const until = lagUntil(tenant, `/groups/${late.groupId}/members/${late.member.id}`, at);
  if (until === null) return;
  tenant.replica.members.push({ ...late, until });
  const user = tenant.users.byId.get(late.member.id);
  if (user !== undefined) push(tenant.replica.users, user.id, { until, before: { ...user } });
};

/** A directory as a read at `now` sees it. */
export type View = {
  readonly user: (id: string) => User | undefined;
  readonly userByName: (name: string) => User | undefined;
  readonly users: () => readonly (User | undefined)[];
  readonly group: (id: string) => Group | undefined;
  readonly groups: () => Iterable<Group>;
  readonly members: (group: Group) => readonly (Member | undefined)[];
  readonly isMember: (group: Group, id: string) => boolean;
  /** Up to which version delta tells. */
  readonly version: () => number;
};

const plainView = (tenant: Tenant): View => ({
  user: (id) => tenant.users.byId.get(id),
  userByName: (name) => tenant.users.byName.get(name),
  users: () => tenant.users.slots,
  group: (id) => tenant.groups.get(id),
  groups: () => tenant.groups.values(),
  members: ({ slots }) => slots,
  isMember: ({ index }, id) => index.has(id),
  version: () => tenant.log.version(),
});

const laggingView = (tenant: Tenant, now: number): View => {
  const { replica } = tenant;
  const seen = <T>(shadows: readonly Shadow<T>[] | undefined): Shadow<T> | undefined =>
    shadows?.find(({ until }) => until > now);
  const user = (id: string): User | undefined => {
    const shadow = seen(replica.users.get(id));
    return shadow === undefined ? tenant.users.byId.get(id) : (shadow.before ?? undefined);
  };
  const group = (id: string): Group | undefined => {
    const shadow = seen(replica.groups.get(id));
    return shadow === undefined ? tenant.groups.get(id) : (shadow.before ?? undefined);
  };
  return {
    user,
    group,
    userByName: (name) => {
      const isNamed = (one: User | undefined) =>
        one?.deletedAt === null && one.userPrincipalName.toLowerCase() === name ? one : undefined;
      for (const id of replica.users.keys()) {
        const old = isNamed(user(id));
        if (old !== undefined) return old;
      }
      const current = tenant.users.byName.get(name);
      return current && isNamed(user(current.id));
    },
    users: () => {
      const slots = [...tenant.users.slots];
      for (const [id, shadows] of replica.users) {
        const shadow = seen(shadows);
        const slot = (shadow?.before ?? tenant.users.byId.get(id))?.slot;
        if (shadow !== undefined && slot !== undefined) slots[slot] = shadow.before ?? undefined;
      }
      return slots;
    },
    groups: () => [...new Set([...tenant.groups.keys(), ...replica.groups.keys()])].flatMap((id) => group(id) ?? []),
    members: ({ id, slots }) => {
      const late = replica.members.filter((one) => one.groupId === id && one.until > now);
      if (late.length === 0) return slots;
      const old = [...slots];
      for (const { slot, member, added } of late.reverse()) old[slot] = added ? undefined : member;
      return old;
    },
    isMember: ({ id, index }, memberId) => {
      // What the first change that is not seen yet began with.
      const late = replica.members.find((one) => one.groupId === id && one.member.id === memberId && one.until > now);
      return late === undefined ? index.has(memberId) : !late.added;
    },
    version: () =>
      replica.versions.reduce(
        (least, { version, until }) => (until > now ? Math.min(least, version - 1) : least),
        tenant.log.version(),
      ),
  };
};

export const viewOf = (tenant: Tenant, now: number): View => {
  if (tenant.replica.lastUntil <= now) return plainView(tenant);
  return laggingView(tenant, now);
};

/** Drops what has been caught up with. */
export const settleReplica = ({ replica }: Tenant, now: number): void => {
  const isLate = ({ until }: { readonly until: number }) => until > now;
  for (const shadows of [replica.users, replica.groups] as Map<string, Shadow<unknown>[]>[])
    for (const [id, list] of shadows) {
      const late = list.filter(isLate);
      if (late.length === 0) shadows.delete(id);
      else if (late.length < list.length) shadows.set(id, late);
    }
  replica.members = replica.members.filter(isLate);
  replica.versions = replica.versions.filter(isLate);
};
