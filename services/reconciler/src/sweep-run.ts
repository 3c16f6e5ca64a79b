import type { CursorRecord, IntegrationSettings } from '@muster/contracts';
import type { Store } from '@muster/store';
import type { SnapshotDeps } from './snapshot-run.js';
import type { Run } from './run.js';
import type { SweepMetrics } from './sweep-metrics.js';
import { createTries } from './try-again.js';
import { untilAborted } from './until-aborted.js';

export type SweepDeps = Omit<SnapshotDeps, 'store' | 'metrics'> & {
  store: Pick<
    Store,
    | 'users'
    | 'groups'
    | 'plans'
    | 'removals'
    | 'announced'
    | 'cursors'
    | 'coverage'
    | 'subscriptions'
    | 'lag'
    | 'integrations'
    | 'leases'
  >;
  sweepMetrics: SweepMetrics;
  usersDeltaEvery: number;
  groupDeltaEvery: number;
  /** A notification that comes later than this counts as lost, ms. */
  lostAfter: number;
  /** The projector has handled every notification that came before. */
  handledUntil: () => Promise<Date>;
};
export type SweepTask = {
  settings: IntegrationSettings;
  kind: CursorRecord['kind'];
  signal: AbortSignal;
  /** Waits without keeping others waiting. */
  pause: (ms: number) => Promise<void>;
};
export type SweepRun = Omit<Run, 'store'> & {
  store: SweepDeps['store'];
  deps: SweepDeps;
  pause: (ms: number) => Promise<void>;
  /** Rows that could not be read so far. */
  malformed: () => number;
  leave: NonNullable<Run['leave']>;
  /** Whom the next sweep asks about again. */
  unsettled: () => string[];
  /** Rejects when the service stops or the lease was lost. */
  underWay: <T>(work: Promise<T>) => Promise<T>;
};

/** How far a sweep came: where the next one goes on. */
export type Swept = Pick<CursorRecord, 'links' | 'tree' | 'takenAt' | 'deletedGroups'>;

/** More than these are no people that Graph will not tell of, but a Graph that does not answer: the sweep is made again. */
const MOST_UNSETTLED = 100;

export function openSweep(deps: SweepDeps, { settings, kind, signal, pause }: SweepTask): SweepRun {
  const { integrationId, tenantId } = settings;
  const logger = deps.logger.child({ integrationId, sweep: kind });
  const tries = createTries({
    pause,
    onRetry: (failure, waitMs) => logger.warn({ err: failure, waitMs }, 'sweep tries again'),
  });
  let malformed = 0;
  const unsettled = new Set<string>();
  return {
    deps,
    settings,
    store: deps.store,
    tries,
    pause,
    underWay: (work) => untilAborted(work, signal),
    publish: async (events) => {
      if (events.length > 0) await tries(() => untilAborted(deps.publisher.publish(events), signal));
    },
    graph: () => deps.graphFor(settings),
    logger,
    now: deps.now,
    newId: deps.newId,
    origin: () => ({
      integrationId,
      tenantId,
      settingsRevision: settings.revision,
      groupId: settings.groupId,
      source: 'delta',
    }),
    removalLimit: deps.removalLimit,
    addMalformed: (count) => {
      malformed += count;
      if (count > 0) logger.warn({ count }, 'rows of a sweep could not be read');
    },
    malformed: () => malformed,
    leave: (userId, failure) => {
      unsettled.add(userId);
      if (unsettled.size > MOST_UNSETTLED) throw failure;
      deps.sweepMetrics.left(kind);
      logger.error({ userId, err: failure }, 'Graph does not tell of somebody: the next sweep asks again');
    },
    unsettled: () => [...unsettled],
    told: {
      removed: (count) => deps.sweepMetrics.removed(kind, count),
      held: (count) => deps.sweepMetrics.held(kind, count),
    },
  };
}
