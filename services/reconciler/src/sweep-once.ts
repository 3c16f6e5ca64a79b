import { Failure, isFailure, toPersonKey, type CursorRecord, type SweepRecord, plural } from '@muster/contracts';
import { toCoverage } from './domain/coverage.js';
import { judgeSuspects, leaveOut } from './domain/loss-meter.js';
import { isUsable } from './domain/when-to-sweep.js';
import { lookAgain } from './look-again.js';
import { sweepGroup } from './sweep-group.js';
import { openSweep, type SweepDeps, type SweepRun, type SweepTask, type Swept } from './sweep-run.js';
import { sweepUsers, type Counts } from './sweep-users.js';

export type SweepOutcome = 'swept' | 'reset' | 'failed' | 'interrupted';

/** One kind from its cursor to its next one. Rejects only when the store does not take what came of it. */
export async function sweepOnce(deps: SweepDeps, task: SweepTask): Promise<SweepOutcome> {
  const run = openSweep(deps, task);
  const { store, tries } = run;
  const { settings, kind } = task;
  const cursor = await tries(() => store.cursors.get(settings.integrationId, kind));
  const began = deps.now();
  if (!cursor || !isUsable(cursor, settings, began)) return 'interrupted';
  const everyMs = kind === 'users' ? deps.usersDeltaEvery : deps.groupDeltaEvery;
  const save = (fields: Partial<CursorRecord>) =>
    tries(() => store.cursors.save({ ...cursor, everyMs, ...fields, revision: cursor.revision + 1 }));
  const end = (outcome: SweepOutcome): SweepOutcome => {
    deps.sweepMetrics.swept(kind, outcome);
    return outcome;
  };
  try {
    const swept = await sweepKind(run, cursor, began);
    await save({ ...swept, unsettled: run.unsettled(), sweptAt: began.toISOString(), failure: null, resets: 0 });
    if (kind === 'users') await judgeInTime(run, swept.takenAt);
    return end('swept');
  } catch (error) {
    if (task.signal.aborted) return end('interrupted');
    const at = deps.now().toISOString();
    if (isFailure(error) && error.code === 'graph.gone') {
      run.logger.warn({ err: error }, 'delta token is gone: one full round');
      await save({ links: [], resetAt: at, failure: null, resets: (cursor.resets ?? 0) + 1 });
      return end('reset');
    }
    run.logger[isFailure(error) && error.retryable ? 'warn' : 'error']({ err: error }, 'sweep failed');
    await save({ failure: { ...toWords(error), at, count: (cursor.failure?.count ?? 0) + 1 } });
    return end('failed');
  }
}

/** Our own words only: those of an unknown error may hold anything. */
const toWords = (error: unknown): { code: string; message: string } =>
  isFailure(error)
    ? { code: error.code, message: error.message.slice(0, 500) }
    : { code: 'internal', message: 'An error that Muster did not expect; see the log of the reconciler.' };

async function sweepKind(run: SweepRun, cursor: CursorRecord, began: Date): Promise<Swept> {
  const { groupId } = run.settings;
  if (cursor.kind === 'group' && groupId !== null) {
    const swept = await sweepGroup(run, cursor, groupId);
    assertReadable(run, cursor);
    await lookAgain(run, cursor);
    return swept;
  }
  const { counts, readUntil, before, counted, ...swept } = await sweepUsers(run, cursor);
  assertReadable(run, cursor);
  await lookAgain(run, cursor);
  if (before?.closedBy === 'full') await run.tries(() => run.store.coverage.save(leaveOut(before, counted)));
  await keepRecord(run, { cursor, swept, counts, readUntil, began });
  return swept;
}

/** Behind the next link nobody would tell of the change again, so a row that cannot be read is asked for once more. */
const MALFORMED_TRIES = 3;

/** One that stays unreadable is left to the full reads: the others must go on. */
function assertReadable(run: SweepRun, { failure }: CursorRecord): void {
  const count = run.malformed();
  if (count === 0 || (failure?.count ?? 0) >= MALFORMED_TRIES - 1) return;
  throw new Failure(
    'sweep.malformed',
    `${plural(count, 'row')} of the changes could not be read as what they should be.`,
    {
      retryable: true,
    },
  );
}

type Kept = { cursor: CursorRecord; swept: Swept; counts: Counts; readUntil: string; began: Date };

/** What the sweep closed and found; the suspects are judged later. One that is made again takes the place of its first try. */
async function keepRecord({ deps, store, settings, tries }: SweepRun, kept: Kept): Promise<void> {
  const { integrationId, tenantId } = settings;
  const { cursor, swept, counts, readUntil, began } = kept;
  const [from, to] = [cursor.takenAt, swept.takenAt];
  const subscriptions = await tries(() => store.subscriptions.ofIntegration(integrationId));
  const canaries = await tries(() => store.lag.canaries());
  const { usersDeltaEvery } = deps;
  const readable = { resumedAt: settings.resumedAt ?? null, failed: cursor.failure !== null };
  const state = toCoverage({ from, to, subscriptions, canaries, usersDeltaEvery, ...readable });
  const record: SweepRecord = {
    sweepId: `${integrationId}/${from}`,
    integrationId,
    tenantId,
    from,
    to,
    readUntil,
    state,
    ...counts,
    lost: 0,
    worstDelayMs: 0,
    judgedAt: counts.suspects.length + counts.ahead.length === 0 ? began.toISOString() : null,
  };
  await tries(() => store.coverage.save(record));
  if (record.judgedAt !== null) deps.sweepMetrics.judged({ announced: record.announced, lost: 0 });
}

/** The sweep itself went well: what could not be judged now is judged behind the next one. */
async function judgeInTime(run: SweepRun, takenAt: string): Promise<void> {
  await judgeEarlier(run, takenAt).catch((error: unknown) =>
    run.logger.warn({ err: error }, 'earlier sweeps not judged'),
  );
}

/**
 * Sweeps whose suspects have had the time to be announced; but the newest, which ends at `takenAt`: the next one asks whom
 * it found.
 */
export async function judgeEarlier(
  { deps, settings, tries, now, store, logger }: SweepRun,
  takenAt: string,
): Promise<void> {
  const { integrationId, tenantId } = settings;
  const isOld = (at: Date, { to }: SweepRecord): boolean => at.getTime() - Date.parse(to) >= deps.lostAfter;
  const open = await tries(() => store.coverage.unjudged(integrationId));
  const due = open.filter((sweep) => sweep.to < takenAt && isOld(now(), sweep));
  if (due.length === 0) return;
  // What still waits in the log came in time: after an outage, or in a storm, it is handled late and not lost.
  const handled = await tries(deps.handledUntil);
  for (const sweep of due.filter((one) => isOld(handled, one))) {
    const keys = sweep.suspects.map(({ userId }) => toPersonKey(tenantId, userId));
    const known = await tries(() => store.users.load(keys));
    // Those of a burst are announced but left to the sweep itself.
    const named = await tries(() => store.announced.since(integrationId, new Date(sweep.from)));
    const notifiedAt = (userId: string): string | null =>
      named.has(userId) ? now().toISOString() : (known.get(toPersonKey(tenantId, userId))?.facts?.notifiedAt ?? null);
    const judged = judgeSuspects(sweep, notifiedAt, now().toISOString());
    await tries(() => store.coverage.save(judged));
    deps.sweepMetrics.judged(judged);
    const { lost, announced, worstDelayMs } = judged;
    if (lost > 0) logger.warn({ lost, announced, worstDelayMs }, 'changes that no notification announced');
  }
}
