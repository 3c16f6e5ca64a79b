import type { SnapshotRecord } from '@muster/contracts';

/**
 * How far a full read came. `share` and `etaMs` are null where nothing is known to measure by. `projecting`: all pages
 * are read, and the projector works through what was published.
 */
export type Progress = {
  phase: 'reading' | 'projecting';
  share: number | null;
  etaMs: number | null;
  endsAt: string | null;
};

type Run = Pick<
  SnapshotRecord,
  'kind' | 'state' | 'rows' | 'pages' | 'expectedRows' | 'startedAt' | 'publishedAt' | 'pagesEndAt'
> & {
  projectedPartitions: number;
  partitions: number;
};

/** Graph answers 5 pages of the report in 10 s; nothing makes it faster. */
const REPORT_PAGE_MS = 2_000;
/** What was expected may have grown: a read that goes on is not done. */
const MOST = 0.99;

/** `usualRows`: of the last complete read of that kind, for the report has no count. */
export function toProgress(run: Run, usualRows: number | null, now: Date): Progress | null {
  if (run.state === 'published') return toProjecting(run, now);
  if (run.state !== 'running') return null;
  const expected = run.expectedRows ?? usualRows;
  if (expected === null || expected === 0) return { phase: 'reading', share: null, etaMs: null, endsAt: null };
  const share = Math.min(MOST, run.rows / expected);
  // The reconciler knows what Graph lets through; what older versions left running is told by its pace.
  const byBudget = run.pagesEndAt ? Math.max(0, Date.parse(run.pagesEndAt) - now.getTime()) : null;
  return withEta('reading', share, byBudget ?? (run.rows === 0 ? null : toReadingEta(run, expected, now)), now);
}

function toReadingEta({ kind, rows, pages, startedAt }: Run, expected: number, now: Date): number {
  const left = Math.max(0, expected - rows);
  const byPace = (left * Math.max(0, now.getTime() - Date.parse(startedAt))) / rows;
  const pagesLeft = Math.ceil(left / (rows / Math.max(1, pages)));
  return kind === 'mfa' ? Math.max(byPace, pagesLeft * REPORT_PAGE_MS) : byPace;
}

function toProjecting({ publishedAt, projectedPartitions, partitions }: Run, now: Date): Progress {
  const share = projectedPartitions / partitions;
  const took = publishedAt === null ? 0 : Math.max(0, now.getTime() - Date.parse(publishedAt));
  return withEta('projecting', share, share === 0 ? null : (took * (1 - share)) / share, now);
}

const withEta = (phase: Progress['phase'], share: number, etaMs: number | null, now: Date): Progress => ({
  phase,
  share,
  etaMs: etaMs === null ? null : Math.round(etaMs),
  endsAt: etaMs === null ? null : new Date(now.getTime() + etaMs).toISOString(),
});
