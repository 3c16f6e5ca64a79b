import { tenantsOf, type ChaosSystem } from './chaos-system.js';

/**
 * The admin who says yes to every plan: random life removes more people in ten minutes than the gate of removals lets
 * go unasked, which is right.
 */
export async function allowRemovals(chaos: ChaosSystem): Promise<void> {
  const { admin } = chaos.system;
  for (const { integrationId } of Object.values(tenantsOf(chaos))) {
    const { items } = await admin.get(`/plans?integrationId=${integrationId}&state=waiting`);
    for (const { planId, updatedAt: seenAt } of items) await admin.call('POST', `/plans/${planId}/allow`, { seenAt });
  }
}
