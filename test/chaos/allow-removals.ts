import type { ChaosSystem } from './chaos-system.js';

/**
 * The admin who says yes to every plan: random life removes more people in ten minutes than the gate of removals lets
 * go unasked, which is right. Answers how many plans waited.
 */
export async function allowRemovals({ system, connected: { integrationId } }: ChaosSystem): Promise<number> {
  const { items } = await system.admin.get(`/plans?integrationId=${integrationId}&state=waiting`);
  for (const { planId, updatedAt: seenAt } of items)
    await system.admin.call('POST', `/plans/${planId}/allow`, { seenAt });
  return items.length;
}
