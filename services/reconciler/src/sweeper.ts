import type { CursorRecord, IntegrationSettings, SyncRequest } from '@muster/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { carryOutPlans, hasAllowed } from './carry-out-plans.js';
import { answerPlan } from './domain/plan-removals.js';
import { isAnswered, whatToSweep, type SweepPeriods, type SweepRequest } from './domain/when-to-sweep.js';
import { underPlansLease } from './edit-plans.js';
import { holdLease } from './hold-lease.js';
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
  const running = new Map<string, Promise<void>>();
  const requests = new Map<string, SweepRequest>();

  const work = async (settings: IntegrationSettings, { slot, signal }: { slot: Slot; signal: AbortSignal }) => {
    const { integrationId } = settings;
    const pause = (ms: number) => slot.away(() => sleep(ms, undefined, { signal }));
    const run = openSweep(deps, { settings, kind: 'users', signal, pause });
    await takeHeld(run);
    await carryOutPlans(run);
    // Read under the lease: another copy may have done it.
    const cursors = await cursorsOf(deps, integrationId);
    const request = requests.get(integrationId) ?? null;
    for (const kind of whatToSweep({ settings, cursors, request, now: now(), periods }).kinds) {
      if (signal.aborted) return;
      await sweepOnce(deps, { settings, kind, signal, pause });
    }
    const after = await cursorsOf(deps, integrationId);
    if (isAnswered({ settings, cursors: after, request, now: now() }) && requests.get(integrationId) === request)
      requests.delete(integrationId);
  };

  const start = (settings: IntegrationSettings): void => {
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
        if (stopping.signal.aborted) return;
        await holdLease(lease, (signal) => work(settings, { slot, signal }));
      })
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.error({ err: error, integrationId }, 'sweeping failed');
      })
      .finally(() => running.delete(integrationId));
    running.set(integrationId, run);
  };

  const lookAt = (settings: IntegrationSettings, cursors: readonly CursorRecord[], hasPlan: boolean): void => {
    const { integrationId } = settings;
    if (settings.state !== 'active') requests.delete(integrationId);
    if (settings.state !== 'active' || running.has(integrationId)) return;
    const request = requests.get(integrationId) ?? null;
    const { kinds, full } = whatToSweep({ settings, cursors, request, now: now(), periods });
    for (const { kind, takenAt } of cursors)
      deps.sweepMetrics.age(kind, integrationId, (now().getTime() - Date.parse(takenAt)) / 1_000);
    if (full && request) {
      deps.askForFullRead(integrationId, request);
      requests.delete(integrationId);
    }
    if (kinds.length > 0 || hasPlan) start(settings);
  };

  return {
    request(integrationId, request) {
      const held = requests.get(integrationId);
      if (!held || held.requestedAt < request.requestedAt) requests.set(integrationId, request);
    },
    async answer({ planId, integrationId, allowed, userIds, requestedBy, requestedAt }) {
      const lease = { leases: store.leases, integrationId, holder: `plans-${deps.newId()}` };
      await underPlansLease(lease, async () => {
        const plan = await store.plans.get(planId);
        if (plan?.integrationId !== integrationId) {
          logger.warn({ planId, integrationId }, 'an answer to a plan that is not there');
          return;
        }
        const answered = answerPlan(plan, { allowed, userIds, by: requestedBy, at: requestedAt });
        if (!answered) return;
        await store.plans.save(answered);
        logger.warn({ planId, integrationId, allowed, some: userIds?.length ?? null }, 'plan answered');
      });
    },
    async look() {
      if (stopping.signal.aborted) return;
      const [all, cursors, plans, held] = await Promise.all([
        store.integrations.all(),
        store.cursors.all(),
        store.plans.list({ states: ['waiting', 'allowed'], limit: 1_000 }),
        store.removals.integrationsWithHeld(),
      ]);
      deps.sweepMetrics.plansWaiting(plans.filter(({ state }) => state === 'waiting').length);
      const toSettle = new Set([...held, ...plans.filter(hasAllowed).map(({ integrationId }) => integrationId)]);
      for (const settings of all)
        lookAt(
          settings,
          cursors.filter(({ integrationId }) => integrationId === settings.integrationId),
          toSettle.has(settings.integrationId),
        );
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

async function cursorsOf({ store }: SweepDeps, integrationId: string): Promise<CursorRecord[]> {
  const found = await Promise.all([
    store.cursors.get(integrationId, 'users'),
    store.cursors.get(integrationId, 'group'),
  ]);
  return found.flatMap((cursor) => cursor ?? []);
}
