import { isFailure, type SnapshotRecord } from '@muster/contracts';
import { beginCursors } from './begin-cursors.js';
import type { Removals } from './remove-absent.js';
import { openSnapshot, type SnapshotDeps, type SnapshotRun, type SnapshotTask } from './snapshot-run.js';
import { takeMfaSnapshot } from './take-mfa-snapshot.js';
import { takeUsersSnapshot } from './take-users-snapshot.js';

/** `interrupted`: the service stops or the lease was lost; the record stays, and the next run goes on with it. */
export type Outcome = 'complete' | 'failed' | 'interrupted';

/** One full read from its record to its end. Rejects only when the store does not take the record. */
export async function takeSnapshot(deps: SnapshotDeps, task: SnapshotTask): Promise<Outcome> {
  const began = performance.now();
  const run = await openSnapshot(deps, task);
  const outcome = await finish(deps, task, run);
  const seconds = (performance.now() - began) / 1_000;
  deps.metrics.ended(task.kind, outcome, seconds);
  logRun(run, outcome, seconds);
  return outcome;
}

async function finish(deps: SnapshotDeps, task: SnapshotTask, run: SnapshotRun): Promise<Outcome> {
  try {
    const { removed, remark } = await take(task, run);
    await run.save({ state: 'complete', finishedAt: deps.now().toISOString(), failure: remark });
    tellRemovals(run, { removed, remark });
    return 'complete';
  } catch (error) {
    if (task.signal.aborted) return 'interrupted';
    const level = isFailure(error) && error.retryable ? 'warn' : 'error';
    run.logger[level]({ err: error, snapshotId: run.record().snapshotId }, 'full read failed');
    await run.save({ state: 'failed', finishedAt: deps.now().toISOString(), failure: toRecordFailure(error) });
    return 'failed';
  }
}

async function take({ kind }: SnapshotTask, run: SnapshotRun): Promise<Removals> {
  if (kind === 'mfa') return takeMfaSnapshot(run);
  const { metered, ...removals } = await takeUsersSnapshot(run).catch(async (error: unknown) => {
    // A row that nobody can read leaves absence unproved; what changes from now on is followed all the same.
    if (isFailure(error) && error.code === 'snapshot.malformed') await beginCursors(run);
    throw error;
  });
  await beginCursors(run, metered);
  return removals;
}

/** What a record may say: our own words. Those of an unknown error may hold anything. */
const toRecordFailure = (error: unknown): NonNullable<SnapshotRecord['failure']> =>
  isFailure(error)
    ? { code: error.code, message: error.message.slice(0, 500) }
    : { code: 'internal', message: 'An error that Muster did not expect; see the log of the reconciler.' };

function tellRemovals({ logger, record }: SnapshotRun, { removed, remark }: Removals): void {
  const { snapshotId } = record();
  if (remark) logger.error({ snapshotId, code: remark.code, reason: remark.message }, 'removals need a person');
  else if (removed > 0) logger.info({ snapshotId, removed }, 'removals published');
}

/** The one wide line of a run. */
function logRun({ logger, record }: SnapshotRun, outcome: Outcome, seconds: number): void {
  const { snapshotId, tenantId, reason, pages, rows, expectedRows, resumed, failure } = record();
  logger.info(
    { snapshotId, tenantId, reason, outcome, pages, rows, expectedRows, resumed, seconds, failure: failure?.code },
    'full read ended',
  );
}
