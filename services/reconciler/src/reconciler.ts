import type { IntegrationSettings, SnapshotKind } from '@muster/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  coalesce,
  firstLoadRetryAt,
  notAhead,
  openRequests,
  whatIsDue,
  type Periods,
  type Request,
  type Situation,
} from './domain/when-to-run.js';
import { holdLease } from '@muster/store';
import { closeLeftRuns, loadSituation } from './situation.js';
import { createSlots, type Slot } from './slots.js';
import type { SnapshotDeps } from './snapshot-run.js';
import { takeSnapshot } from './take-snapshot.js';

export type ReconcilerDeps = SnapshotDeps & {
  periods: Periods;
  /** Names this copy in leases. */
  holder: string;
  leaseMs: number;
  /** Runs that work at once; those that only wait don't count. */
  concurrency: number;
  /** Who waits for Graph this long counts no more, ms. Default 1 s. */
  lendAfterMs?: number;
};

/**
 * Decides what has to run, and runs it: integrations and kinds side by side, one run of a kind at a time for each. The
 * MFA report of a large tenant takes half an hour; a read of the people does not wait for it, but it for them.
 */
export type Reconciler = {
  /** Somebody asked. Kept until a read answered it, see {@link openRequests}. */
  request: (integrationId: string, request: Request) => void;
  /** Looks at every integration. Runs go on behind it. */
  lookAtAll: () => Promise<void>;
  /** Looks at those that are new, changed, asked for, or whose first load failed a while ago. */
  lookAtNew: () => Promise<void>;
  /** Resolves when no run is under way. */
  idle: () => Promise<void>;
  /** Leaves the runs under way; they are gone on with after the next start. */
  stop: () => Promise<void>;
};

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { store, logger, now, periods } = deps;
  const slots = createSlots(deps.concurrency, deps.lendAfterMs === undefined ? {} : { lendAfterMs: deps.lendAfterMs });
  const stopping = new AbortController();
  /** By {@link runOf}. */
  const running = new Map<string, Promise<void>>();
  const requests = new Map<string, Request[]>();
  /** The revision of the settings that was looked at. */
  const looked = new Map<string, number>();
  /** When a first load that failed is to be tried again, ms since epoch. */
  const retryAt = new Map<string, number>();

  const situationOf = async (settings: IntegrationSettings): Promise<Situation> => {
    const { integrationId } = settings;
    const asked = (requests.get(integrationId) ?? []).map((one) => notAhead(one, now()));
    if (asked.length > 0) requests.set(integrationId, asked);
    const situation = await loadSituation({
      snapshots: store.snapshots,
      cursors: store.cursors,
      settings,
      requests: asked,
      now: now(),
      periods,
    });
    const open = new Set(openRequests(situation));
    // Others may have come while the history was loading: only those that are answered go.
    const left = (requests.get(integrationId) ?? []).filter((one) => open.has(one) || !asked.includes(one));
    if (left.length > 0) requests.set(integrationId, left);
    else requests.delete(integrationId);
    return situation;
  };

  /** `ended`: the kind whose run is just over. */
  const look = async (settings: IntegrationSettings, ended?: SnapshotKind): Promise<void> => {
    const { integrationId, revision } = settings;
    if (stopping.signal.aborted) return;
    const situation = await situationOf(settings);
    tellAge(deps, situation);
    looked.set(integrationId, revision);
    rememberRetry(situation);
    const due = whatIsDue(situation).map(({ kind }) => kind);
    // Rows of the report are taken of people who are known: those whom a read is about to tell come first.
    const isUsersRunning = ended !== 'users' && running.has(runOf(integrationId, 'users'));
    for (const kind of due.includes('users') || isUsersRunning ? (['users'] as const) : due) begin(integrationId, kind);
  };

  const begin = (integrationId: string, kind: SnapshotKind): void => {
    const name = runOf(integrationId, kind);
    if (running.has(name) || stopping.signal.aborted) return;
    const run = slots
      .hold((slot) => runUnderLease(integrationId, { kind, slot }))
      .then(() => lookAgain(integrationId, kind))
      .catch((error: unknown) => logger.error({ err: error, integrationId, kind }, 'reconciling failed'))
      .finally(() => running.delete(name));
    running.set(name, run);
  };

  /** The MFA report follows the people; a first load that failed is tried again. */
  const lookAgain = async (integrationId: string, ended: SnapshotKind): Promise<void> => {
    const settings = await store.integrations.get(integrationId);
    if (settings) await look(settings, ended);
  };

  const rememberRetry = (situation: Situation): void => {
    const { integrationId } = situation.settings;
    const at = firstLoadRetryAt(situation);
    if (at === null) retryAt.delete(integrationId);
    else retryAt.set(integrationId, at);
  };

  const runUnderLease = async (
    integrationId: string,
    { kind, slot }: { kind: SnapshotKind; slot: Slot },
  ): Promise<void> => {
    const lease = {
      leases: store.leases,
      name: runOf(integrationId, kind),
      holder: deps.holder,
      forMs: deps.leaseMs,
      signal: stopping.signal,
    };
    if (stopping.signal.aborted) return;
    await holdLease(lease, (signal) => runIfDue(integrationId, { kind, slot, signal }));
  };

  /** Looks again under the lease, for another copy may have done it. */
  const runIfDue = async (
    integrationId: string,
    { kind, slot, signal }: { kind: SnapshotKind; slot: Slot; signal: AbortSignal },
  ): Promise<void> => {
    const pause = (ms: number) => slot.away(() => sleep(ms, undefined, { signal }));
    const settings = await store.integrations.get(integrationId);
    if (!settings || signal.aborted) return;
    const situation = await situationOf(settings);
    const due = whatIsDue(situation).find((one) => one.kind === kind);
    if (!due) return;
    await closeLeftRuns(store.snapshots, situation, due);
    await takeSnapshot(deps, { settings, ...due, signal, pause, beside: slot.beside });
  };

  /** One tenant that cannot be looked at does not keep the others from it. */
  const lookAtEach = async (choose: (settings: IntegrationSettings) => boolean): Promise<void> => {
    // What is asked after the settings are read may be for one that was resumed just now.
    const askedBefore = new Map(requests);
    const all = await store.integrations.all();
    for (const settings of all) {
      const { integrationId } = settings;
      if (settings.state !== 'active') {
        deps.metrics.forget(integrationId);
        if (requests.get(integrationId) === askedBefore.get(integrationId)) requests.delete(integrationId);
        retryAt.delete(integrationId);
      } else if (choose(settings))
        await look(settings).catch((error: unknown) =>
          logger.warn({ err: error, integrationId }, 'integration not looked at'),
        );
    }
  };

  return {
    request(integrationId, request) {
      requests.set(integrationId, coalesce(requests.get(integrationId) ?? [], request));
    },
    lookAtAll: () => lookAtEach(() => true),
    lookAtNew: () =>
      lookAtEach(
        ({ integrationId, revision }) =>
          requests.has(integrationId) ||
          looked.get(integrationId) !== revision ||
          (retryAt.get(integrationId) ?? Number.POSITIVE_INFINITY) <= now().getTime(),
      ),
    idle: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
    async stop() {
      stopping.abort(new Error('the reconciler stops'));
      await Promise.all(running.values());
    },
  };
}

const runOf = (integrationId: string, kind: SnapshotKind): string => `reconciler/${integrationId}/${kind}`;

function tellAge({ metrics }: ReconcilerDeps, { history, settings, now }: Situation): void {
  for (const kind of ['users', 'mfa'] as const) {
    const starts = history
      .filter((record) => record.kind === kind && record.state === 'complete')
      .map(({ startedAt }) => Date.parse(startedAt));
    if (starts.length > 0) metrics.age(kind, settings.integrationId, (now.getTime() - Math.max(...starts)) / 1_000);
  }
}
