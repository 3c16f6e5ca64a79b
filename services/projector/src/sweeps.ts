import type { SyncRequest } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';

type Tenant = { integrationId: string; tenantId: string };
export type Sweeps = {
  /** Asks the reconciler to look at a tenant: at once, or when the last request is old enough. */
  request: (tenant: Tenant, reason: string) => Promise<void>;
  /** Publishes what was held back and is due. */
  flush: () => Promise<void>;
};

/** At most one request a tenant in `everyMs`; one that comes too early is kept, so that what it is for is not missed. */
export function createSweeps(publisher: Pick<Publisher, 'publish'>, now: Now, everyMs = 10_000): Sweeps {
  const requestedAt = new Map<string, number>();
  const owed = new Map<string, { tenant: Tenant; reason: string }>();
  const isDue = (integrationId: string): boolean =>
    now().getTime() - (requestedAt.get(integrationId) ?? Number.NEGATIVE_INFINITY) >= everyMs;

  async function publish({ integrationId, tenantId }: Tenant, reason: string): Promise<void> {
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
    await publisher.publish([{ topic: 'requests', key: tenantId, value }]);
    requestedAt.set(integrationId, requested.getTime());
    owed.delete(integrationId);
  }

  return {
    request: async (tenant, reason) => {
      if (isDue(tenant.integrationId)) await publish(tenant, reason);
      else owed.set(tenant.integrationId, { tenant, reason });
    },
    flush: async () => {
      for (const { tenant, reason } of [...owed.values()])
        if (isDue(tenant.integrationId)) await publish(tenant, reason);
      for (const id of requestedAt.keys()) if (isDue(id)) requestedAt.delete(id);
    },
  };
}
