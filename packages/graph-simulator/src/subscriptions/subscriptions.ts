import type { Switches } from '../settings.js';
import type { Subscription } from './subscription.js';

/** Contract 1.6; over any of them a create is refused with 403. */
export const QUOTAS = { app: 50_000, tenant: 1_000, appInTenant: 100 } as const;

export type Subscriptions = {
  readonly all: () => Iterable<Subscription>;
  readonly find: (id: string) => Subscription | undefined;
  readonly ofTenant: (tenantId: string) => readonly Subscription[];
  readonly add: (subscription: Subscription) => void;
  readonly remove: (id: string) => void;
  /** Removes one whose time is over; it is remembered for a while. */
  readonly end: (subscription: Subscription) => void;
  /** Those of a tenant that ended lately, the last one last. */
  readonly endedIn: (tenantId: string) => readonly Subscription[];
  /** The one that watches the same resource for the same changes already. */
  readonly duplicateOf: (
    wanted: Pick<Subscription, 'tenantId' | 'applicationId' | 'resource' | 'changeType'>,
    rules: Pick<Switches, 'changeTypeOrderMatters'>,
  ) => Subscription | undefined;
  /** Name of the quota that one more would exceed. */
  readonly exceededBy: (owner: Pick<Subscription, 'tenantId' | 'applicationId'>) => keyof typeof QUOTAS | null;
};

const ENDED_KEPT = 100;

const sorted = (changeType: string) => changeType.split(',').sort().join(',');
const sameChanges = (a: string, b: string, { changeTypeOrderMatters }: Pick<Switches, 'changeTypeOrderMatters'>) =>
  changeTypeOrderMatters ? a === b : sorted(a) === sorted(b);
const sameResource = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

export const createSubscriptions = (kept: Iterable<Subscription> = []): Subscriptions => {
  const byId = new Map<string, Subscription>();
  const byTenant = new Map<string, Subscription[]>();
  const perApp = new Map<string, number>();
  const count = (applicationId: string, step: number) =>
    perApp.set(applicationId, (perApp.get(applicationId) ?? 0) + step);
  const ofTenant = (tenantId: string) => byTenant.get(tenantId) ?? [];
  const add = (subscription: Subscription) => {
    byId.set(subscription.id, subscription);
    byTenant.set(subscription.tenantId, [...ofTenant(subscription.tenantId), subscription]);
    count(subscription.applicationId, 1);
  };
  for (const subscription of kept) add(subscription);
  let ended: readonly Subscription[] = [];
  const remove = (id: string) => {
    const subscription = byId.get(id);
    if (subscription === undefined) return;
    byId.delete(id);
    const { tenantId, applicationId } = subscription;
    byTenant.set(
      tenantId,
      ofTenant(tenantId).filter((other) => other !== subscription),
    );
    count(applicationId, -1);
  };
  return {
    all: () => byId.values(),
    find: (id) => byId.get(id.toLowerCase()),
    ofTenant,
    add,
    remove,
    end: (subscription) => {
      remove(subscription.id);
      ended = [...ended.slice(1 - ENDED_KEPT), subscription];
    },
    endedIn: (tenantId) => ended.filter((one) => one.tenantId === tenantId),
    duplicateOf: ({ tenantId, applicationId, resource, changeType }, rules) =>
      ofTenant(tenantId).find(
        (other) =>
          other.applicationId === applicationId &&
          sameChanges(other.changeType, changeType, rules) &&
          sameResource(other.resource, resource),
      ),
    exceededBy: ({ tenantId, applicationId }) => {
      const inTenant = ofTenant(tenantId);
      if (inTenant.filter((other) => other.applicationId === applicationId).length >= QUOTAS.appInTenant)
        return 'appInTenant';
      if (inTenant.length >= QUOTAS.tenant) return 'tenant';
      return (perApp.get(applicationId) ?? 0) >= QUOTAS.app ? 'app' : null;
    },
  };
};
