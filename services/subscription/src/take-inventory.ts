import type { SubscriptionRecord } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import type { Logger } from '@muster/telemetry';
import { findHidden, findStrays, type Listed, type PlanInput } from './domain/plan-subscriptions.js';

export type InventoryGraph = Pick<Graph, 'deleteSubscription' | 'readSubscription' | 'listSubscriptions'>;
export type Inventory = {
  graph: InventoryGraph;
  recorded: readonly SubscriptionRecord[];
  ours: PlanInput['ours'];
  logger: Logger;
};

/**
 * What Graph holds, also of ours what its list hides; strays are deleted. The list is older than no record: both are
 * read under the lease that creates. Null = it could not be asked.
 */
export async function takeInventory({ graph, recorded, ours, logger }: Inventory): Promise<Listed[] | null> {
  try {
    const listed = await graph.listSubscriptions();
    await discardStrays({ graph, recorded, ours, logger }, listed);
    const hidden = findHidden(recorded, listed);
    const live: Listed[] = [];
    for (const record of hidden) if ((await graph.readSubscription(record.subscriptionId)) !== null) live.push(record);
    return [...listed, ...live];
  } catch (error) {
    logger.warn({ err: error }, 'subscriptions not listed');
    return null;
  }
}

async function discardStrays({ graph, recorded, ours, logger }: Inventory, listed: readonly Listed[]): Promise<void> {
  for (const { subscriptionId, resource } of findStrays({ recorded, listed, ours })) {
    const facts = { subscriptionId, resource };
    await graph.deleteSubscription(subscriptionId).then(
      () => logger.warn(facts, 'stray subscription deleted'),
      (error: unknown) => logger.warn({ ...facts, err: error }, 'stray subscription not deleted'),
    );
  }
}
