import type { CursorRecord, SweepRecord } from '@muster/contracts';
import { toCoverage } from './domain/coverage.js';
import type { Tally } from './domain/loss-meter.js';
import type { SnapshotRun } from './snapshot-run.js';

type Ending = { held: CursorRecord; next: CursorRecord; metered: Tally | null };

/** What no sweep can close any more, since its token was lost, the full read closes: the ledger has no hole. */
export async function closeInterval(
  { store, tries, now, record }: Pick<SnapshotRun, 'store' | 'tries' | 'now' | 'record'>,
  { held, next, metered }: Ending,
): Promise<void> {
  const { integrationId, tenantId, kind, takenAt: from, everyMs } = held;
  const { takenAt: to } = next;
  if (kind !== 'users' || next.tenantId !== tenantId || to <= from) return;
  const unread = { subscriptions: [], canaries: [], resumedAt: null, failed: true };
  const closed: SweepRecord = {
    sweepId: `${integrationId}/${from}`,
    integrationId,
    tenantId,
    from,
    to,
    readUntil: next.baselineEndedAt,
    state: toCoverage({ from, to, usersDeltaEvery: everyMs ?? 0, ...unread }),
    rows: record().rows,
    announced: 0,
    found: 0,
    lost: 0,
    worstDelayMs: 0,
    suspects: [],
    judgedAt: now().toISOString(),
    // Judged behind the first sweep, which says who of them changed later.
    ...(metered && { ...metered, judgedAt: null }),
    closedBy: 'full',
  };
  await tries(() => store.coverage.save(closed));
}
