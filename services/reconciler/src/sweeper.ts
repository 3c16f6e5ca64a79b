import type { CursorRecord, IntegrationSettings, SyncRequest } from '@muster/contracts';
import { holdLease } from '@muster/store';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackoff } from './backoff.js';
import { carryOutPlans } from './carry-out-plans.js';
import { answerPlan } from './domain/plan-removals.js';
import { isAnswered, whatToSweep, type SweepPeriods, type SweepRequest } from './domain/when-to-sweep.js';
import { notAhead } from './domain/when-to-run.js';
import { editPlan } from './edit-plans.js';
import { endLeftPlan } from './end-left-plan.js';
import { createOpenPlans } from './open-plans.js';
import { createSlots, type Slot } from './slots.js';
import { sweepOnce } from './sweep-once.js';
import { openSweep, type SweepDeps } from './sweep-run.js';
import { takeHeld } from './take-held.js';

export type SweeperDeps = SweepDeps & {
  periods: SweepPeriods;
  holder: string;
  leaseMs: number;
  concurrency: number;
  /** A tenant that takes longer goes on beside the others, ms. */
  patienceMs?: number;
  /** There is no token to go on from: a full read repairs. */
  askForFullRead: (integrationId: string, request: SweepRequest) => void;
};
export type PlanAnswer = Extract<SyncRequest, { type: 'plan' }>;

/** Follows the changes of every integration by delta, beside the full reads, and carries out plans that were allowed. */
export type Sweeper = {
  request: (integrationId: string, request: SweepRequest) => void;
  /** Kept before it resolves. An answer for another integration's plan is ignored. */
  answer: (answer: PlanAnswer) => Promise<void>;
  look: () => Promise<void>;
  idle: () => Promise<void>;
  stop: () => Promise<void>;
};

/** A tenant that takes longer for a sweep goes on beside the others. */
const PATIENCE_MS = 3_000;

export function createSweeper(deps: SweeperDeps): Sweeper {
  const { store, logger, now, periods } = deps;
  const slots = createSlots(deps.concurrency, { patienceMs: deps.patienceMs ?? PATIENCE_MS });
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  const running = new Map<string, Promise<void>>();
  const requests = new Map<string, SweepRequest>();
  /** Plans with people who cannot be read are no reason to read each second, nor to leave changes unread. */
  const settling = createBackoff(now, { firstMs: 2_000, mostMs: 60_000 });
  const openPlans = createOpenPlans(store.plans);

  const asked = (integrationId: string): SweepRequest | null => {
    const request = requests.get(integrationId);
    if (!request) return null;
    const kept = notAhead(request, now());
    if (kept !== request) requests.set(integrationId, kept);
    return kept;
  };

  type Work = { slot: Slot; signal: AbortSignal; toSettle: readonly string[] };
  const work = async (settings: IntegrationSettings, { slot, signal, toSettle }: Work) => {
    const { integrationId } = settings;
    const pause = (ms: number) => slot.away(() => sleep(ms, undefined, { signal }));
    const run = openSweep(deps, { settings, kind: 'users', signal, pause });
    if (toSettle.includes(heldOf(integrationId))) await settle(heldOf(integrationId), () => takeHeld(run));
    // Read under the lease: another copy may have done it.
    const cursors = await store.cursors.ofIntegration(integrationId);
    const request = asked(integrationId);
    for (const kind of whatToSweep({ settings, cursors, request, now: now(), periods }).kinds) {
      if (signal.aborted) return;
      await sweepOnce(deps, { settings, kind, signal, pause });
    }
    if (toSettle.includes(allowedOf(integrationId))) await settle(allowedOf(integrationId), () => carryOutPlans(run));
    if (request === null) return;
    const after = await store.cursors.ofIntegration(integrationId);
    if (isAnswered({ settings, cursors: after, request, now: now() }) && requests.get(integrationId) === request)
      requests.delete(integrationId);
  };

  const settle = async (name: string, work: () => Promise<void>): Promise<void> => {
    if (!settling.isDue(name)) return;
    try {
      await work();
      settling.clear(name);
    } catch (error) {
      if (isStopping()) return;
      settling.fail(name);
      logger.warn({ err: error, name }, 'removals not carried on');
    }
  };

  const start = (settings: IntegrationSettings, toSettle: readonly string[]): void => {
    const { integrationId } = settings;
    const lease = {
      leases: store.leases,
      name: `sweeper/${integrationId}`,
      holder: deps.holder,
      forMs: deps.leaseMs,
      signal: stopping.signal,
    };
    const run = slots
      .hold(async (slot) => {
        if (isStopping()) return;
        await holdLease(lease, (signal) => work(settings, { slot, signal, toSettle }));
      })
      .catch((error: unknown) => {
        if (!isStopping()) logger.error({ err: error, integrationId }, 'sweeping failed');
      })
      .finally(() => running.delete(integrationId));
    running.set(integrationId, run);
  };

  const lookAt = (
    settings: IntegrationSettings,
    cursors: readonly CursorRecord[],
    toSettle: readonly string[],
  ): void => {
    const { integrationId } = settings;
    if (settings.state !== 'active' || running.has(integrationId)) return;
    const request = asked(integrationId);
    const { kinds, full } = whatToSweep({ settings, cursors, request, now: now(), periods });
    for (const { kind, takenAt } of cursors)
      deps.sweepMetrics.age(kind, integrationId, (now().getTime() - Date.parse(takenAt)) / 1_000);
    if (full && request) {
      deps.askForFullRead(integrationId, request);
      requests.delete(integrationId);
    }
    if (kinds.length > 0 || toSettle.some(settling.isDue)) start(settings, toSettle);
  };

  return {
    request(integrationId, request) {
      const held = requests.get(integrationId);
      if (!held || held.requestedAt < request.requestedAt) requests.set(integrationId, request);
    },
    async answer({ planId, integrationId, allowed, userIds, seenAt, requestedBy, requestedAt }) {
      const answered = await editPlan(deps, { planId, integrationId }, (plan) => {
        if (plan?.integrationId === integrationId)
          return answerPlan(plan, { allowed, userIds, by: requestedBy, at: requestedAt, seenAt });
        logger.warn({ planId, integrationId }, 'an answer to a plan that is not there');
        return null;
      });
      if (!answered) return;
      settling.clear(allowedOf(integrationId));
      logger.warn({ planId, integrationId, allowed, some: userIds?.length ?? null }, 'plan answered');
    },
    async look() {
      if (isStopping()) return;
      // What is asked after the settings are read may be for one that was resumed just now.
      const askedBefore = new Map(requests);
      const [all, cursors, held] = await Promise.all([
        store.integrations.all(),
        store.cursors.all(),
        store.removals.integrationsWithHeld(),
      ]);
      const plans = await openPlans(all);
      for (const head of plans.left) await settle(`left/${head.planId}`, () => endLeftPlan(deps, head));
      deps.sweepMetrics.plansWaiting(plans.waiting);
      const toSettle = new Set([...held.map(heldOf), ...[...plans.allowed].map(allowedOf)]);
      for (const settings of all) {
        const { integrationId, state } = settings;
        if (state !== 'active' && requests.get(integrationId) === askedBefore.get(integrationId))
          requests.delete(integrationId);
        lookAt(
          settings,
          cursors.filter((cursor) => cursor.integrationId === integrationId),
          [heldOf, allowedOf].map((name) => name(integrationId)).filter((name) => toSettle.has(name)),
        );
      }
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
    async stop() {
      stopping.abort(new Error('the reconciler stops'));
      await Promise.all(running.values());
    },
  };
}

const heldOf = (integrationId: string): string => `held/${integrationId}`;
const allowedOf = (integrationId: string): string => `allowed/${integrationId}`;
