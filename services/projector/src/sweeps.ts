import { randomUUID } from 'node:crypto';
import type { SyncRequest } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { LeasesStore } from '@muster/store';

type Tenant = { integrationId: string; tenantId: string };
export type Sweeps = {
  /** Asks the reconciler to look at a tenant: at once, or when the last request is old enough. */
  request: (tenant: Tenant, reason: string) => Promise<void>;
  /** People were read after notifications. Graph's replicas lag, so what changed is looked at once more, later. */
  settle: (tenant: Tenant) => void;
  /** Publishes what was held back and is due. */
  flush: () => Promise<void>;
};
type Options = {
  publisher: Pick<Publisher, 'publish'>;
  leases: Pick<LeasesStore, 'acquire'>;
  now: Now;
  /** Between two requests of a tenant, ms. */
  everyMs?: number;
  /** From a notification to its settle pass, and between two of a tenant, by whichever copy, ms. 0 = none. */
  settleMs: number;
};

/** At most one request a tenant in `everyMs`; one that comes too early is kept, so that what it is for is not missed. */
export function createSweeps({ publisher, leases, now, everyMs = 10_000, settleMs }: Options): Sweeps {
  const requestedAt = new Map<string, number>();
  const owed = new Map<string, { tenant: Tenant; reason: string }>();
  const settling = new Map<string, { tenant: Tenant; dueAt: number }>();
  /** A request of a time to come: the clock was set back, and nothing waits for that time to come again. */
  const isDue = (integrationId: string): boolean => {
    const age = now().getTime() - (requestedAt.get(integrationId) ?? Number.NEGATIVE_INFINITY);
    return age < 0 || age >= everyMs;
  };

  async function publish(tenant: Tenant, reason: string): Promise<void> {
    const { integrationId, tenantId } = tenant;
    const requested = now();
    const value: SyncRequest = {
      version: 1,
      type: 'sweep',
      integrationId,
      tenantId,
      reason,
      requestedBy: 'projector',
      requestedAt: requested.toISOString(),
    };
    // Before it is published: partitions that ask meanwhile are answered by it.
    requestedAt.set(integrationId, requested.getTime());
    owed.delete(integrationId);
    try {
      await publisher.publish([{ topic: 'requests', key: tenantId, value }]);
    } catch (error) {
      requestedAt.delete(integrationId);
      // Whoever asked may not ask again: a settle pass has had its lease, and what was owed is asked for by nobody else.
      owed.set(integrationId, owed.get(integrationId) ?? { tenant, reason });
      throw error;
    }
  }

  async function settleDue(): Promise<void> {
    for (const [integrationId, { tenant, dueAt }] of [...settling]) {
      const leftMs = dueAt - now().getTime();
      if (leftMs > 0 && leftMs <= settleMs) continue;
      // A lease that nobody gives back: for so long no copy asks again; then whoever still owes one does.
      if (!(await leases.acquire(`settle/${integrationId}`, randomUUID(), settleMs))) continue;
      settling.delete(integrationId);
      await publish(tenant, 'settle pass after notifications');
    }
  }

  return {
    request: async (tenant, reason) => {
      if (isDue(tenant.integrationId)) await publish(tenant, reason);
      else owed.set(tenant.integrationId, { tenant, reason });
    },
    settle: (tenant) => {
      const { integrationId } = tenant;
      if (settleMs === 0 || settling.has(integrationId)) return;
      settling.set(integrationId, { tenant, dueAt: now().getTime() + settleMs });
    },
    flush: async () => {
      for (const { tenant, reason } of [...owed.values()])
        if (isDue(tenant.integrationId)) await publish(tenant, reason);
      for (const id of requestedAt.keys()) if (isDue(id)) requestedAt.delete(id);
      await settleDue();
    },
  };
}
