import pLimit from 'p-limit';

/** Works for a tenant when it is its turn; null where the partition is another copy's by then. */
export type TenantTurns = <T>(tenantId: string, isMine: () => boolean, work: () => Promise<T>) => Promise<T | null>;

/**
 * So many partitions of one tenant write at a time in this copy: a tenant whose people change by the hundred has something in
 * each of them, and what it writes is what everybody else's next question to the database waits behind.
 */
export function createTenantTurns(atOnce: number): TenantTurns {
  const tenants = new Map<string, { limit: ReturnType<typeof pLimit>; here: number }>();
  return async (tenantId, isMine, work) => {
    const tenant = tenants.get(tenantId) ?? { limit: pLimit(atOnce), here: 0 };
    tenants.set(tenantId, tenant);
    tenant.here += 1;
    try {
      return await tenant.limit(() => (isMine() ? work() : Promise.resolve(null)));
    } finally {
      tenant.here -= 1;
      if (tenant.here === 0) tenants.delete(tenantId);
    }
  };
}
