import type { SimulatorClient } from '../src/simulator-client.js';
import { toLifecycleKey, toNotificationKey } from './watch-log.js';

/** What the simulator says became of one notification. */
export type Delivery = {
  sequence: number;
  subscriptionId: string;
  changedAt: number;
  entity: 'user' | 'group' | 'subscription';
  entityId: string;
  sentAt: number | null;
  ackedAt: number | null;
  dropped: string | null;
};

const AT_ONCE = 10_000;

/** Everything that was ever sent. Of what was read before, only the settled is not asked for again. */
export async function readLedger(
  simulator: Pick<SimulatorClient, 'call'>,
  before: readonly Delivery[] = [],
): Promise<Delivery[]> {
  const open = before.findIndex(isUnderWay);
  const deliveries = before.slice(0, open === -1 ? before.length : open);
  for (;;) {
    const since = deliveries.at(-1)?.sequence ?? 0;
    const page = await simulator.call('GET', `/ledger?since=${since}&limit=${AT_ONCE}`);
    const first = page.deliveries[0]?.sequence ?? since + 1;
    if (first !== since + 1) throw new Error(`the simulator has forgotten what it sent ahead of delivery ${first}`);
    deliveries.push(...page.deliveries);
    if (page.deliveries.length < AT_ONCE) return deliveries;
  }
}

/** Still to be posted, or posted again. */
export const isUnderWay = ({ ackedAt, dropped }: Delivery): boolean => ackedAt === null && dropped === null;

/** The only lifecycle event that the simulator sends. */
const CHALLENGE = 'reauthorizationRequired';

/** Acknowledged by a 2xx and not in Kafka: there must be none. `posted`: lifecycle events of faults, by `toLifecycleKey`. */
export function findLost(
  deliveries: readonly Delivery[],
  kept: ReadonlyMap<string, number>,
  posted: ReadonlyMap<string, number> = new Map(),
): string[] {
  const acknowledged = new Map(posted);
  for (const { ackedAt, entity, subscriptionId, entityId, changedAt } of deliveries) {
    if (ackedAt === null) continue;
    const isLifecycle = entity === 'subscription';
    const key = isLifecycle
      ? toLifecycleKey(subscriptionId, CHALLENGE)
      : toNotificationKey(subscriptionId, entityId, changedAt);
    acknowledged.set(key, (acknowledged.get(key) ?? 0) + 1);
  }
  return [...acknowledged]
    .filter(([key, count]) => (kept.get(key) ?? 0) < count)
    .map(([key, count]) => `${key} was acknowledged ${count} times and is in Kafka ${kept.get(key) ?? 0} times`);
}

/** Ids of notifications that a fault posted and a receiver took: each must be in Kafka. */
export const findLostStrangers = (taken: ReadonlySet<string>, kept: ReadonlySet<string>): string[] =>
  [...taken]
    .filter((id) => !kept.has(id))
    .map((id) => `the notification of ${id} was answered 202 and is not in Kafka`);
