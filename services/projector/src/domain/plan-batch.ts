import {
  ZERO_ID,
  type GroupObservation,
  type IntegrationSettings,
  type NotificationEvent,
  type Observation,
  type SnapshotEnd,
  type UserObservation,
} from '@muster/contracts';
import type { SeenMfa } from './project-mfa.js';
import type { SeenUser } from './project-user.js';

/** What a batch holds of one tenant, merged by person. */
export type TenantPlan = {
  settings: IntegrationSettings;
  users: Map<string, SeenUser[]>;
  mfa: Map<string, SeenMfa[]>;
  groups: GroupObservation[];
  /** People whom notifications name: to be read. */
  named: Map<string, NotificationEvent[]>;
  /** Of those, whom a notification of a group names: read them even when nobody knows them. */
  members: Map<string, MemberHint>;
  /** Why the reconciler has to look; null when it need not. */
  sweep: string | null;
};
/** What the last notification said of a member; it is a hint of the path only, the read says who is in. */
export type MemberHint = 'added to the chosen group' | 'removed from the chosen group' | 'of a nested group';
export type BatchPlan = {
  tenants: Map<string, TenantPlan>;
  ends: SnapshotEnd[];
  canaries: NotificationEvent[];
  /** Events of integrations that are removed, not started, or another tenant's. */
  dropped: number;
};

export type BatchEvent =
  { kind: 'notification'; event: NotificationEvent } | { kind: 'observation'; event: Observation };

type Settings = ReadonlyMap<string, IntegrationSettings>;

/** Sorts a batch by tenant and person; several events of one person become one read and at most one change. */
export function planBatch(events: readonly BatchEvent[], integrations: Settings): BatchPlan {
  const plan: BatchPlan = { tenants: new Map(), ends: [], canaries: [], dropped: 0 };
  for (const { kind, event } of events) {
    if (kind === 'notification' && event.entity === 'canary') {
      if (event.tenantId === ZERO_ID) plan.canaries.push(event);
      continue;
    }
    const settings = integrations.get(event.integrationId);
    if (!settings || !isServed(settings) || settings.tenantId !== event.tenantId) {
      plan.dropped += 1;
      continue;
    }
    const tenant = tenantOf(plan, settings);
    if (kind === 'notification') takeNotification(tenant, event);
    else if (event.type === 'snapshot-end') plan.ends.push(event);
    else takeObservation(tenant, event);
  }
  return plan;
}

/**
 * Whether nothing would be dropped, or judged by settings older than those it was read for: a view that is a moment old
 * may not know yet that an integration was started, or given another group.
 */
export const isFreshEnough = (events: readonly BatchEvent[], integrations: Settings): boolean =>
  events.every(({ kind, event }) => {
    if (kind === 'notification' && event.entity === 'canary') return true;
    const settings = integrations.get(event.integrationId);
    const least = kind === 'observation' ? (event.settingsRevision ?? 0) : 0;
    return settings !== undefined && isServed(settings) && settings.revision >= least;
  });

const isServed = ({ state }: IntegrationSettings): boolean => state === 'active' || state === 'paused';

function tenantOf(plan: BatchPlan, settings: IntegrationSettings): TenantPlan {
  const known = plan.tenants.get(settings.integrationId);
  if (known) return known;
  const tenant: TenantPlan = {
    settings,
    users: new Map(),
    mfa: new Map(),
    groups: [],
    named: new Map(),
    members: new Map(),
    sweep: null,
  };
  plan.tenants.set(settings.integrationId, tenant);
  return tenant;
}

export const append = <T>(lists: Map<string, T[]>, key: string, item: T): void => {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
};

function takeNotification(tenant: TenantPlan, event: NotificationEvent): void {
  const { settings } = tenant;
  if (!settings.features.userSync) return;
  if (event.entity === 'user') append(tenant.named, event.entityId.toLowerCase(), event);
  if (settings.state === 'paused') {
    tenant.sweep = 'notified while paused';
    return;
  }
  if (event.entity === 'user') return;
  if (settings.groupId === null) return;
  const members = event.members ?? [];
  if (members.length === 0 || event.changeType === 'deleted') {
    tenant.sweep = 'a group changed, without saying who';
    return;
  }
  const isChosen = event.entityId.toLowerCase() === settings.groupId;
  // Who it names is read at once; by which way they are in now, the reconciler finds out.
  if (!isChosen) tenant.sweep = 'a nested group changed';
  for (const { id, removed } of members) {
    append(tenant.named, id, event);
    const hint = removed ? 'removed from the chosen group' : 'added to the chosen group';
    tenant.members.set(id, isChosen ? hint : 'of a nested group');
  }
}

function takeObservation(tenant: TenantPlan, event: Exclude<Observation, SnapshotEnd>): void {
  const { settings } = tenant;
  const { observedAt, source } = event;
  if (event.type === 'mfa') {
    if (!settings.features.mfaVerification) return;
    append(tenant.mfa, event.userId, { userId: event.userId, observedAt, source, row: event.row });
    return;
  }
  if (!settings.features.userSync) return;
  if (event.type === 'group') {
    tenant.groups.push(event);
    return;
  }
  const seen = { userId: event.userId, observedAt, source, isAllowed: event.planId !== undefined };
  if (event.type === 'membership') {
    const { groupId, inGroup, groupPath } = event;
    append(tenant.users, event.userId, { ...seen, membership: { groupId, inGroup, groupPath } });
    return;
  }
  append(tenant.users, event.userId, { ...seen, user: event.user, ...toMembership(event, settings) });
}

/** Of the group that the read was made for, which may be another than the one that the settings name now. */
function toMembership({ membership }: UserObservation, { groupId }: IntegrationSettings): Pick<SeenUser, 'membership'> {
  const seenOf = membership?.groupId === undefined ? groupId : membership.groupId;
  if (!membership || seenOf === null) return {};
  const { inGroup, groupPath } = membership;
  return { membership: { groupId: seenOf, inGroup, groupPath } };
}
