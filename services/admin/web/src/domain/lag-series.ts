import type { LagStep } from './api-types.js';

export type LagPoint = {
  at: string;
  step: LagStep;
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
};
export type LagOverTime = { points?: LagPoint[]; items?: LagPoint[] };
export type ChartSeries = {
  /** Seconds since 1970, ascending. */
  times: number[];
  lines: { name: string; color: string; values: (number | null)[] }[];
};

/** Milliseconds by minute, as lines in seconds; a gap stays a gap. */
export function toLagSeries(over: LagOverTime): ChartSeries {
  const points = over.points ?? over.items ?? [];
  const times = [...new Set(points.map(({ at }) => at))].sort();
  const byKey = new Map(points.map((point) => [`${point.at}/${point.step}`, point]));
  const line = (step: LagStep, quantile: 'p50' | 'p95' | 'p99'): (number | null)[] =>
    times.map((at) => {
      const ms = byKey.get(`${at}/${step}`)?.[quantile] ?? null;
      return ms === null ? null : ms / 1_000;
    });
  return {
    times: times.map((at) => Date.parse(at) / 1_000),
    lines: [
      { name: 'p50', color: '--series-1', values: line('total', 'p50') },
      { name: 'p95', color: '--series-2', values: line('total', 'p95') },
      { name: 'p99', color: '--series-3', values: line('total', 'p99') },
      { name: 'Microsoft’s share, p95', color: '--series-4', values: line('graph', 'p95') },
    ],
  };
}
