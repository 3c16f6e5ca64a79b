import {
  Failure,
  TOPICS,
  type IntegrationSettings,
  type RemovalLimit,
  type SnapshotKind,
  type SnapshotRecord,
} from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Graph, GraphPage } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { besideGraph, type Beside } from './beside-graph.js';
import type { CaughtUp } from './caught-up.js';
import { toProjectionLimit, type ReadFigures } from './domain/snapshot.js';
import { isWanted } from './domain/when-to-run.js';
import { toEndMarks, type ObservationEvent, type Origin } from './domain/observations.js';
import { publishSeen } from './publish-seen.js';
import type { SnapshotMetrics } from './snapshot-metrics.js';
import { createTries, type Tries } from './try-again.js';
import { untilAborted } from './until-aborted.js';

export type SnapshotDeps = {
  store: Pick<
    Store,
    'users' | 'mfa' | 'groups' | 'snapshots' | 'integrations' | 'plans' | 'leases' | 'cursors' | 'coverage'
  >;
  publisher: Pick<Publisher, 'publish'>;
  /** Rejects or throws a Failure when the credentials are not usable. */
  graphFor: (settings: IntegrationSettings) => Graph;
  now: Now;
  /** By a clock that nobody sets, ms; for waits. */
  elapsedMs?: () => number;
  logger: Logger;
  metrics: SnapshotMetrics;
  newId: () => string;
  /** How long the projector may take for what a read of up to 100,000 rows published; longer for more. */
  projectionLimitMs: number;
  /** A row that differs is looked at again after this: what was announced just now may be on its way into the document. */
  settleMs: number;
  caughtUp: CaughtUp;
  removalLimit: RemovalLimit;
};
export type SnapshotTask = {
  settings: IntegrationSettings;
  kind: SnapshotKind;
  reason: string;
  /** The run that a crash left behind. */
  resume: SnapshotRecord | null;
  /** The service stops or the lease was lost: leave at once, another run goes on. */
  signal: AbortSignal;
  /** Waits without keeping others waiting. */
  pause: (ms: number) => Promise<void>;
  /** Waits for Graph; absent: as any other work. */
  beside?: Beside;
};

const PARTITIONS = TOPICS.observations.partitions;
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1_000;

/** One full read under way: its record, its pages, its way to the log. */
export type SnapshotRun = Awaited<ReturnType<typeof openSnapshot>>;

export async function openSnapshot(deps: SnapshotDeps, task: SnapshotTask) {
  const { store, now, elapsedMs = () => performance.now() } = deps;
  const { settings, kind, signal } = task;
  const logger = deps.logger.child({ integrationId: settings.integrationId, kind });
  const tries: Tries = createTries({
    pause: task.pause,
    onRetry: (failure, waitMs) => {
      deps.metrics.retry(kind, failure.code);
      logger.warn({ err: failure, waitMs }, 'full read tries again');
    },
  });
  let record = task.resume ? { ...task.resume, resumed: true } : createRecord(deps, task);
  if (task.resume) await store.snapshots.update(record.snapshotId, { resumed: true });
  else await store.snapshots.insert(record);
  const usualRows = (await store.snapshots.last(settings.integrationId, kind, ['complete']))?.rows ?? null;
  let malformed = 0;
  let lastPageReached = false;

  const save = async (fields: Partial<Omit<SnapshotRecord, 'snapshotId' | 'projected'>>): Promise<void> => {
    record = { ...record, ...fields };
    await tries(() => store.snapshots.update(record.snapshotId, fields));
  };
  const origin = (): Origin => ({
    integrationId: settings.integrationId,
    tenantId: settings.tenantId,
    settingsRevision: settings.revision,
    groupId: settings.groupId,
    snapshotId: record.snapshotId,
  });
  const publish = (events: readonly ObservationEvent[]): Promise<void> =>
    tries(() => untilAborted(publishSeen(deps, events), signal));

  /** A page is saved as read once the one who asked for it has published it: after a crash it is read again. */
  async function* pages<T>(open: (resumeFrom?: string) => AsyncIterable<GraphPage<T>>): AsyncGenerator<GraphPage<T>> {
    let link = task.resume?.nextLink ?? undefined;
    /** Of every reading that was opened: each alone knows of its own links only, and a circle of them would never end. */
    const followed = new Set([link]);
    let reading = open(link)[Symbol.asyncIterator]();
    for (;;) {
      await assertUnchanged(store, task);
      const step = await tries(async () => {
        try {
          return await untilAborted(reading.next(), signal);
        } catch (error) {
          // An iterator that failed is at its end.
          reading = open(link)[Symbol.asyncIterator]();
          throw error;
        }
      });
      if (step.done) return;
      const { rows, nextLink } = step.value;
      if (nextLink !== null && followed.has(nextLink))
        throw new Failure('graph.malformed', 'A page of a full read names one as the next that was read already.', {
          retryable: false,
        });
      malformed += step.value.malformed;
      yield step.value;
      deps.metrics.page(kind, rows.length);
      const read = { pages: record.pages + 1, rows: record.rows + rows.length };
      await save({ ...read, nextLink, pagesEndAt: nextLink === null ? null : forecast(read) });
      lastPageReached = nextLink === null;
      if (nextLink === null) return;
      followed.add(nextLink);
      link = nextLink;
    }
  }

  const began = now().getTime();
  const pagesBefore = record.pages;
  /** Null where nobody knows how many rows there are: before the first complete read of the report. */
  const forecast = ({ pages, rows }: Pick<SnapshotRecord, 'pages' | 'rows'>): string | null => {
    const expected = record.expectedRows ?? usualRows;
    if (expected === null || rows === 0) return null;
    const pageMs = (now().getTime() - began) / (pages - pagesBefore);
    const left = Math.max(1, Math.ceil(((expected - rows) * pages) / rows));
    return new Date(now().getTime() + deps.graphFor(settings).forecast(kind, { pages: left, pageMs })).toISOString();
  };

  /** End marks behind the rows, on the same producer; then waits until the projector reached each. Answers how many. */
  async function end(observedAt: string): Promise<number> {
    await publish(toEndMarks({ ...record, ...origin() }, observedAt));
    await save({ state: 'published', publishedAt: now().toISOString() });
    const deadline = elapsedMs() + toProjectionLimit(record.rows, deps.projectionLimitMs);
    for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(LONGEST_LOOK_MS, waitMs * 2)) {
      const seen = await tries(() => store.snapshots.get(record.snapshotId));
      const answered = Object.keys(seen?.projected ?? {}).length;
      if (answered >= PARTITIONS || elapsedMs() >= deadline) return answered;
      await task.pause(waitMs);
    }
  }

  return {
    settings,
    store,
    tries,
    publish,
    pages,
    save,
    end,
    logger,
    metrics: deps.metrics,
    now,
    newId: deps.newId,
    removalLimit: deps.removalLimit,
    pause: task.pause,
    settleMs: deps.settleMs,
    caughtUp: () => tries(deps.caughtUp),
    told: {
      removed: (count: number) => deps.metrics.removed(kind, count),
      held: (count: number) => deps.metrics.held(kind, count),
    },
    graph: () => (task.beside ? besideGraph(deps.graphFor(settings), task.beside) : deps.graphFor(settings)),
    record: () => record,
    origin,
    /** Rows that were no rows, outside of pages. */
    addMalformed: (count: number) => void (malformed += count),
    /** All that decides about completeness, but the counts. */
    figures: (answered: number): Omit<ReadFigures, 'countBefore' | 'countAfter'> => ({
      lastPageReached,
      rows: record.rows,
      malformed,
      answered,
      partitions: PARTITIONS,
    }),
  };
}

const createRecord = ({ newId, now }: SnapshotDeps, { settings, kind, reason }: SnapshotTask): SnapshotRecord => ({
  snapshotId: newId(),
  integrationId: settings.integrationId,
  tenantId: settings.tenantId,
  kind,
  state: 'running',
  reason,
  scope: { groupId: settings.groupId, includeGuests: settings.includeGuests },
  pages: 0,
  rows: 0,
  expectedRows: null,
  nextLink: null,
  resumed: false,
  startedAt: now().toISOString(),
  publishedAt: null,
  finishedAt: null,
  failure: null,
  projected: {},
});

/** Paused, removed, another scope, or the feature off: what is read would be wrong, or taken in by nobody. */
async function assertUnchanged(store: SnapshotDeps['store'], { settings, kind }: SnapshotTask): Promise<void> {
  const current = await store.integrations.get(settings.integrationId);
  const isSame =
    current?.state === 'active' &&
    isWanted(kind, current) &&
    current.groupId === settings.groupId &&
    current.includeGuests === settings.includeGuests;
  if (isSame) return;
  throw new Failure(
    'integration.changed',
    'The integration was paused, removed, given another scope or less to do meanwhile.',
    {
      retryable: false,
    },
  );
}
