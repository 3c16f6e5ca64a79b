import type { CursorKind, IntegrationSettings, SnapshotRecord } from '@muster/contracts';
import type { CursorsStore, SnapshotsStore } from '@muster/store';
import { INTERRUPTED, isYoung, type Due, type Periods, type Request, type Situation } from './domain/when-to-run.js';
import { cursorOf, needsFullRound } from './domain/when-to-sweep.js';

/** A young integration's whole history, so that its first load is known; later the newest are enough. */
const YOUNG_HISTORY = 200;
const HISTORY = 20;
const KINDS = ['users', 'mfa'] as const;
const LEFT = ['running', 'published'] as const;
/** Reads that began later than this from now are of a time before the clock was set back: nothing waits for it to come again. */
const AHEAD_MS = 60_000;

export type SituationOptions = {
  snapshots: SnapshotsStore;
  cursors: CursorsStore;
  settings: IntegrationSettings;
  requests: readonly Request[];
  now: Date;
  periods: Periods;
};

export async function loadSituation({ snapshots, cursors, ...known }: SituationOptions): Promise<Situation> {
  const { integrationId } = known.settings;
  const startedAt = new Date(known.now.getTime() + AHEAD_MS).toISOString();
  const isPast = (record: SnapshotRecord): boolean => record.startedAt < startedAt;
  const limit = isYoung(known) ? YOUNG_HISTORY : HISTORY;
  const [newest, followed, ...left] = await Promise.all([
    snapshots.newest(integrationId, limit, { before: { startedAt, snapshotId: '' } }),
    cursors.ofIntegration(integrationId),
    ...KINDS.map((kind) => snapshots.last(integrationId, kind, LEFT)),
  ]);
  const older = newest.length < limit ? [] : await readOlder(snapshots, integrationId);
  const records = [...newest, ...older.filter(isPast), ...left.flatMap((record) => record ?? [])];
  const byId = new Map(records.map((record) => [record.snapshotId, record]));
  return {
    ...known,
    history: [...byId.values()],
    needsFullRound: needsFullRound(followed, known.settings, known.now),
    resets: Math.max(...followedKinds(known.settings).map((kind) => cursorOf(followed, kind)?.resets ?? 0)),
  };
}

const followedKinds = ({ groupId }: IntegrationSettings): CursorKind[] =>
  groupId === null ? ['users'] : ['users', 'group'];

/** The last complete one of each kind, which may stand behind the newest. */
async function readOlder(snapshots: SnapshotsStore, integrationId: string): Promise<SnapshotRecord[]> {
  const found = await Promise.all(KINDS.map((kind) => snapshots.last(integrationId, kind, ['complete'])));
  return found.flatMap((record) => record ?? []);
}

/** What crashed runs left behind is told as failed, but for the one that is gone on with. Only under the lease. */
export async function closeLeftRuns(
  snapshots: SnapshotsStore,
  { history, now }: Situation,
  { kind, resume }: Due,
): Promise<void> {
  const isLeft = (record: SnapshotRecord): boolean =>
    record.kind === kind && LEFT.some((state) => state === record.state) && record !== resume;
  for (const { snapshotId } of history.filter(isLeft))
    await snapshots.update(snapshotId, {
      state: 'failed',
      finishedAt: now.toISOString(),
      failure: { code: INTERRUPTED, message: 'The reconciler ended during this read; another one was begun.' },
    });
}
