import pLimit from 'p-limit';
import { LEAST_AT_ONCE, toPace } from './domain/pace.js';

/** Works for a tenant when it is its turn; null where the partition is another copy's by then. */
export type TenantTurns = <T>(tenantId: string, isMine: () => boolean, work: () => Promise<T>) => Promise<T | null>;

/**
 * So many partitions of one tenant write at a time in this copy: a tenant whose people change by the hundred has something in
 * each of them, and what it writes is what everybody else's next question to the database waits behind. From three on, as many
 * as the database takes without becoming slow, `most` of them.
 */
export function createTenantTurns(most: number, elapsedMs = (): number => performance.now()): TenantTurns {
  const tenants = new Map<string, { limit: ReturnType<typeof pLimit>; here: number }>();
  let pace = Math.min(LEAST_AT_ONCE, most);
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const begun = elapsedMs();
    try {
      return await work();
    } finally {
      pace = Math.min(most, toPace(pace, elapsedMs() - begun, most));
    }
  };
  return async (tenantId, isMine, work) => {
    const atOnce = Math.floor(pace);
    const tenant = tenants.get(tenantId) ?? { limit: pLimit(atOnce), here: 0 };
    tenants.set(tenantId, tenant);
    if (tenant.limit.concurrency !== atOnce) tenant.limit.concurrency = atOnce;
    tenant.here += 1;
    try {
      return await tenant.limit(() => (isMine() ? timed(work) : Promise.resolve(null)));
    } finally {
      tenant.here -= 1;
      if (tenant.here === 0) tenants.delete(tenantId);
    }
  };
}
