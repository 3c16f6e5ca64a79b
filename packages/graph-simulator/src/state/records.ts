import { z } from 'zod';
import type { Epoch } from '../world.js';
import type { KeptSignIn } from '../sign-in/state.js';
import type { KeptKey } from '../sign-in/signing-keys.js';
import type { KeptBatch } from '../delivery/pending.js';
import type { Subscription } from '../subscriptions/subscription.js';
import type { App } from '../tenant/app.js';
import { NEW_APP } from '../tenant/app.js';
import { placeMember } from '../tenant/change-group.js';
import { placeUser } from '../tenant/change-user.js';
import type { Change } from '../tenant/change-log.js';
import { createChangeLog } from '../tenant/change-log.js';
import { createGroup } from '../tenant/group.js';
import type { GroupHead } from '../tenant/group.js';
import type { Tenant, TenantHead } from '../tenant/tenant.js';
import { createEmptyTenant } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';

const FORMAT = 1;

/** One line of the state file. Order matters: what a line refers to stands before it. */
type StateRecord =
  | { t: 'format'; version: number; keys: KeptKey[]; epochs: Epoch[] }
  | {
      t: 'tenant';
      head: Omit<TenantHead, 'kind'> & Partial<Pick<TenantHead, 'kind'>>;
      version: number;
      apps: App[];
      perSecond: number;
    }
  | { t: 'group'; tenantId: string; group: GroupHead }
  | { t: 'user'; tenantId: string; user: User }
  | { t: 'member'; tenantId: string; groupId: string; id: string }
  | { t: 'change'; tenantId: string; change: Change }
  | { t: 'subscription'; subscription: Subscription }
  | { t: 'pending'; batch: KeptBatch }
  | { t: 'signIn'; kept: KeptSignIn };

// The simulator wrote the file itself: the kind is checked, the content is trusted.
const recordSchema = z.looseObject({
  t: z.enum(['format', 'tenant', 'group', 'user', 'member', 'change', 'subscription', 'pending', 'signIn']),
});

export type State = {
  readonly tenants: readonly Tenant[];
  readonly subscriptions: readonly Subscription[];
  /** Notifications that are not acknowledged. */
  readonly pending: readonly KeptBatch[];
  readonly keys: readonly KeptKey[];
  readonly signIn: KeptSignIn | null;
  readonly epochs: readonly Epoch[];
  readonly perSecond: ReadonlyMap<string, number>;
};

function* tenantRecords(tenant: Tenant, perSecond: number): Generator<StateRecord> {
  const tenantId = tenant.id;
  const { id, name, domain, seed, createdAt, kind, licence, chosenGroupId, nestedGroupIds, clientId } = tenant;
  const head = { id, name, domain, seed, createdAt, kind, licence, chosenGroupId, nestedGroupIds, clientId };
  yield { t: 'tenant', head, version: tenant.log.version(), apps: [...tenant.apps.values()], perSecond };
  for (const { slots: _slots, index: _index, memberOf: _memberOf, ...group } of tenant.groups.values())
    yield { t: 'group', tenantId, group };
  for (const user of tenant.users.slots)
    if (user !== undefined) yield { t: 'user', tenantId, user: { ...user, memberOf: [] } };
  for (const group of tenant.groups.values())
    for (const member of group.slots)
      if (member !== undefined) yield { t: 'member', tenantId, groupId: group.id, id: member.id };
  for (const change of tenant.log.entries()) yield { t: 'change', tenantId, change };
}

export function* toLines(state: State): Generator<string> {
  const first: StateRecord = { t: 'format', version: FORMAT, keys: [...state.keys], epochs: [...state.epochs] };
  yield JSON.stringify(first);
  for (const tenant of state.tenants)
    for (const record of tenantRecords(tenant, state.perSecond.get(tenant.id) ?? 0)) yield JSON.stringify(record);
  for (const subscription of state.subscriptions)
    yield JSON.stringify({ t: 'subscription', subscription } satisfies StateRecord);
  if (state.signIn !== null) yield JSON.stringify({ t: 'signIn', kept: state.signIn } satisfies StateRecord);
  for (const batch of state.pending) yield JSON.stringify({ t: 'pending', batch } satisfies StateRecord);
}

/** Collects lines back into what they were written from. */
export const fromLines = async (lines: AsyncIterable<string> | Iterable<string>): Promise<State> => {
  const tenants = new Map<string, Tenant>();
  const versions = new Map<string, { version: number; changes: Change[] }>();
  const perSecond = new Map<string, number>();
  const subscriptions: Subscription[] = [];
  const pending: KeptBatch[] = [];
  let keys: readonly KeptKey[] = [];
  let epochs: readonly Epoch[] = [];
  let signIn: KeptSignIn | null = null;
  const tenantOf = (id: string): Tenant => {
    const tenant = tenants.get(id);
    if (tenant === undefined) throw new Error(`the state file names tenant ${id} before its record; delete the file`);
    return tenant;
  };
  const apply = (record: StateRecord) => {
    switch (record.t) {
      case 'format':
        if (record.version !== FORMAT) throw new Error('the state file has another format; delete it to begin anew');
        ({ keys, epochs } = record);
        return;
      case 'tenant': {
        const tenant = createEmptyTenant({ ...record.head, kind: record.head.kind ?? 'workforce' });
        for (const app of record.apps) tenant.apps.set(app.clientId, { ...NEW_APP, ...app });
        tenants.set(tenant.id, tenant);
        versions.set(tenant.id, { version: record.version, changes: [] });
        perSecond.set(tenant.id, record.perSecond);
        return;
      }
      case 'group':
        tenantOf(record.tenantId).groups.set(record.group.id, createGroup(record.group));
        return;
      case 'user':
        placeUser(tenantOf(record.tenantId), record.user);
        return;
      case 'member': {
        const tenant = tenantOf(record.tenantId);
        const group = tenant.groups.get(record.groupId);
        if (group !== undefined) placeMember(tenant, group, record.id);
        return;
      }
      case 'change':
        versions.get(record.tenantId)?.changes.push(record.change);
        return;
      case 'subscription':
        subscriptions.push(record.subscription);
        return;
      case 'pending':
        pending.push(record.batch);
        return;
      case 'signIn':
        signIn = record.kept;
    }
  };
  for await (const line of lines) apply(recordSchema.parse(JSON.parse(line)) as unknown as StateRecord);
  for (const [id, { version, changes }] of versions) tenantOf(id).log = createChangeLog(changes, version);
  return { tenants: [...tenants.values()], subscriptions, pending, signIn, keys, epochs, perSecond };
};
