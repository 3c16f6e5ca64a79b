import { Failure, plural, toPersonKey, type CursorRecord, type IntegrationSettings } from '@muster/contracts';
import type { Store } from '@muster/store';
import { publishSeen } from './publish-seen.js';
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
  /**
   * Takes people of whom the changes say one thing and a read of their own another, as replicas that lag do: asked again by
   * the next sweep. Many of them reject, so that the sweep is made again; after some `failures` of the cursor in a row
   * they are left to the full read, for the others must go on.
   */
  doubt: (userIds: readonly string[], failures: number) => void;
  /** Whom the next sweep asks about again. */
  unsettled: () => string[];
  /** Rejects when the service stops or the lease was lost. */
  underWay: <T>(work: Promise<T>) => Promise<T>;
};

/** What is kept of these people, by the ids of their documents. */
export const loadPeople = ({ tries, store, settings: { tenantId } }: SweepRun, userIds: readonly string[]) =>
  tries(() => store.users.load(userIds.map((userId) => toPersonKey(tenantId, userId))));

/** How far a sweep came: where the next one goes on. */
export type Swept = Pick<CursorRecord, 'links' | 'tree' | 'takenAt' | 'deletedGroups'>;

/** More than these are no people that Graph will not tell of, but a Graph that does not answer: the sweep is made again. */
const MOST_UNSETTLED = 100;
/** The same of those in doubt; a contradiction that stays so for more tries than these is none of lagging replicas. */
const MOST_IN_DOUBT = 100;
const DOUBT_TRIES = 3;

export function openSweep(deps: SweepDeps, { settings, kind, signal, pause }: SweepTask): SweepRun {
  const { integrationId, tenantId } = settings;
  const logger = deps.logger.child({ integrationId, sweep: kind });
  const tries = createTries({
    pause,
    onRetry: (failure, waitMs) => logger.warn({ err: failure, waitMs }, 'sweep tries again'),
  });
  let malformed = 0;
  const unsettled = new Set<string>();
  const doubted = new Set<string>();
  return {
    deps,
    settings,
    store: deps.store,
    tries,
    pause,
    underWay: (work) => untilAborted(work, signal),
    publish: (events) => tries(() => untilAborted(publishSeen(deps, events), signal)),
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
    doubt: (userIds, failures) => {
      const fresh = userIds.filter((userId) => !doubted.has(userId));
      if (fresh.length === 0) return;
      const count = doubted.size + fresh.length;
      if (count > MOST_IN_DOUBT) {
        if (failures < DOUBT_TRIES) throw inDoubt(count);
        logger.error({ userIds: fresh }, 'people in doubt wait for the next full read');
        return;
      }
      for (const userId of fresh) {
        doubted.add(userId);
        deps.sweepMetrics.left(kind);
      }
      logger.warn({ userIds: fresh }, 'changes and reads contradict each other: the next sweep asks again');
    },
    unsettled: () => [...new Set([...unsettled, ...doubted])],
    told: {
      removed: (count) => deps.sweepMetrics.removed(kind, count),
      held: (count) => deps.sweepMetrics.held(kind, count),
    },
  };
}

const inDoubt = (count: number): Failure =>
  new Failure(
    'sweep.unconfirmed',
    `The changes name ${plural(count, 'person', 'people')} of whom a read by id says otherwise. The sweep is made again.`,
    { retryable: true },
  );
