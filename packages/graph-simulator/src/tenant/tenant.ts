import type { App } from './app.js';
import type { Change, ChangeLog } from './change-log.js';
import { createChangeLog } from './change-log.js';
import type { Group } from './group.js';
import type { Replica } from './replica.js';
import { createReplica } from './replica.js';
import type { User } from './user.js';

export type Users = {
  /** By slot; a hole is a person who is gone for good. */
  readonly slots: (User | undefined)[];
  readonly byId: Map<string, User>;
  /** Lower-case name to person; soft-deleted people are not in it. */
  readonly byName: Map<string, User>;
  /** The soft-deleted ones, in the order in which they were deleted. */
  readonly bin: Map<string, User>;
};

export type Licence = 'P1' | 'P2' | 'none';

/** B2C and External ID tenants have neither delta queries nor change notifications (contract 1.2, 5.1). */
export type TenantKind = 'workforce' | 'b2c' | 'external';

/** A directory. Pure data: the functions beside this file change it, each saying when. */
export type Tenant = {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly seed: number;
  readonly createdAt: number;
  readonly kind: TenantKind;
  licence: Licence;
  readonly chosenGroupId: string;
  readonly nestedGroupIds: readonly string[];
  readonly clientId: string;
  readonly users: Users;
  readonly groups: Map<string, Group>;
  readonly apps: Map<string, App>;
  readonly replica: Replica;
  log: ChangeLog;
  /** Told of each change once it is in the log. */
  onChange: (change: Change) => void;
  /** For how many ms reads do not see a change at this path. */
  lagOf: (path: string) => number;
};

export type TenantHead = Pick<
  Tenant,
  'id' | 'name' | 'domain' | 'seed' | 'createdAt' | 'kind' | 'licence' | 'chosenGroupId' | 'nestedGroupIds' | 'clientId'
>;

export const createEmptyTenant = (head: TenantHead): Tenant => ({
  ...head,
  users: { slots: [], byId: new Map(), byName: new Map(), bin: new Map() },
  groups: new Map(),
  apps: new Map(),
  replica: createReplica(),
  log: createChangeLog(),
  onChange: () => undefined,
  lagOf: () => 0,
});

export const livingUsers = ({ users }: Tenant): number => users.byId.size - users.bin.size;

/** By id or sign-in name; a soft-deleted person is not found. */
export const findUser = ({ users }: Tenant, idOrName: string): User | undefined => {
  const user = users.byId.get(idOrName.toLowerCase()) ?? users.byName.get(idOrName.toLowerCase());
  return user?.deletedAt === null ? user : undefined;
};
