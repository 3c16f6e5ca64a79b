import { setTimeout as sleep } from 'node:timers/promises';
import {
  coversRemoval,
  Failure,
  type IntegrationSettings,
  type RemovalLimit,
  type RemovalReason,
} from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { admitRemovals, isCountOld, openWindow } from './domain/admit-removals.js';
import type { ProjectorMetrics } from './projector-metrics.js';

export type RemovalCandidate = { userId: string; why: RemovalReason };
/** Answers who must stay for now: too many went at once, or an admin was asked about them, or kept them. */
export type RemovalGate = (
  settings: IntegrationSettings,
  candidates: readonly RemovalCandidate[],
) => Promise<ReadonlySet<string>>;

type Options = {
  store: Pick<Store, 'users' | 'plans' | 'removals'>;
  limit: RemovalLimit;
  metrics: Pick<ProjectorMetrics, 'held'>;
  logger: Logger;
  now: Now;
};

/** Copies that reserve at a time: each attempt lets one of them through. */
const MAX_ATTEMPTS = 100;
const LONGEST_PAUSE_MS = 100;

/**
 * Removals of all sources pass here but those that a plan allows (design, invariant 5). What was admitted is counted
 * in one document by compare-and-swap, so that many copies together admit no more than one would; the partitions of one
 * copy take turns, for all of them at once would mostly undo each other's. Who is held is kept for the reconciler, which
 * makes a plan of them.
 */
export function createRemovalGate({ store, limit, metrics, logger, now }: Options): RemovalGate {
  const inTurn = createTurns();
  return async (settings, candidates) => {
    const kept = await findKept(store, settings, candidates);
    const fresh = candidates.filter(({ userId }) => !kept.has(userId));
    if (fresh.length === 0) return kept;
    const { integrationId } = settings;
    const userIds = fresh.map(({ userId }) => userId);
    const waiting = await inTurn(integrationId, () => reserve(settings, userIds));
    if (waiting.size === 0) return kept;
    const heldAt = now().toISOString();
    const toHold = fresh.filter(({ userId }) => waiting.has(userId));
    await store.removals.hold(toHold.map(({ userId, why }) => ({ integrationId, userId, why, heldAt })));
    metrics.held.inc(waiting.size);
    logger.error({ integrationId, held: waiting.size }, 'removals are held back: too many at once');
    return new Set([...kept, ...waiting]);
  };

  /** Answers who has to wait. */
  async function reserve(settings: IntegrationSettings, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { integrationId } = settings;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const known = await store.removals.window(integrationId);
      const at = now();
      const inScope = isCountOld(known, at) ? await countInScope(store, settings) : 0;
      const { waiting, window } = admitRemovals(
        openWindow(known, { integrationId, now: at, inScope }),
        userIds,
        limit,
        at,
      );
      if (await store.removals.saveWindow(window)) return new Set(waiting);
      await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 10 * (attempt + 1)));
    }
    throw new Failure('projector.contended', 'the count of removals keeps moving', { retryable: true });
  }
}

/** Work of one name runs one after the other, in the order of the calls. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, turn);
    const leave = (): void => {
      if (last.get(name) === turn) last.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  };
}

/** Held already, or in a plan that waits, was refused, or is being carried out. */
async function findKept(
  store: Options['store'],
  { integrationId, groupId }: IntegrationSettings,
  candidates: readonly RemovalCandidate[],
): Promise<Set<string>> {
  const wanted = new Map(candidates.map(({ userId, why }) => [userId, why]));
  const userIds = [...wanted.keys()];
  const isCovered = (one: RemovalCandidate): boolean => {
    const why = wanted.get(one.userId);
    return why !== undefined && coversRemoval(one.why, why);
  };
  const held = await store.removals.heldOf(integrationId, userIds);
  const kept = new Set(held.filter(isCovered).map(({ userId }) => userId));
  const states = ['waiting', 'allowed', 'refused'] as const;
  // After those who are held: the reconciler lets go of them only once they are in the plan.
  for (const one of await store.plans.named({ integrationId, groupId, states, userIds }))
    if (one.state === 'allowed' || (states.some((open) => open === one.state) && isCovered(one))) kept.add(one.userId);
  return kept;
}

async function countInScope({ users }: Options['store'], { tenantId }: IntegrationSettings): Promise<number> {
  const counts = await Promise.all(
    (['active', 'disabled'] as const).map((status) => users.count({ tenantId, status })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
