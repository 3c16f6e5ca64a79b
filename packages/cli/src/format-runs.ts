import type { LagAnswer, RunsAnswer } from './answers.js';
import { formatMs, formatTable } from './format-table.js';

type Run = RunsAnswer['items'][number];

export function formatRuns(items: readonly Run[]): string {
  if (items.length === 0) return 'Nothing was read in full yet.';
  return formatTable(
    [
      { head: 'began' },
      { head: 'what' },
      { head: 'how it goes' },
      { head: 'rows', right: true },
      { head: 'found +/~/-', right: true },
      { head: 'why' },
    ],
    items.map((run) => [
      run.startedAt.slice(0, 19),
      run.kind,
      toState(run),
      run.rows,
      run.drift ? `${run.drift.added}/${run.drift.changed}/${run.drift.removed}` : '–',
      run.reason,
    ]),
  );
}

function toState({ state, progress, failure, startedAt, finishedAt }: Run): string {
  if (progress) {
    const share = progress.share === null ? '' : ` ${Math.floor(progress.share * 100)} %`;
    return `${progress.phase}${share}${progress.etaMs === null ? '' : `, ends in ${formatMs(progress.etaMs)}`}`;
  }
  const why = failure ? ` (${failure.code})` : '';
  const took = finishedAt === null ? '' : ` in ${formatMs(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  return `${state}${took}${why}`;
}

/** One line a slice: the whole way, and both shares of it. */
export function formatLag({ points, step }: LagAnswer): string {
  if (points.length === 0) return 'Nothing was measured in this time: no notification came.';
  const shown = ['total', 'graph', 'ours'] as const;
  return formatTable(
    [
      { head: `from (${step})` },
      ...shown.flatMap((name) => [
        { head: `${name} p50`, right: true },
        { head: 'p95', right: true },
        { head: 'p99', right: true },
      ]),
      { head: 'count', right: true },
    ],
    points.map(({ at, steps }) => {
      const of = (name: string) => steps.find((one) => one.step === name);
      const cells = shown.flatMap((name) => {
        const { p50 = null, p95 = null, p99 = null } = of(name) ?? {};
        return [formatMs(p50), formatMs(p95), formatMs(p99)];
      });
      return [at.slice(0, 16), ...cells, of('kafka')?.count ?? 0];
    }),
  );
}
