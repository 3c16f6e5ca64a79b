import type { Lag, LagStep } from './api-types.js';

/** Slices in which something was measured, oldest first. */
export type LagOverTime = { points: { at: string; steps: Lag[] }[] };
export type ChartSeries = {
  /** Seconds since 1970, ascending. */
  times: number[];
  /** `color` names a variable of the design. */
  lines: { name: string; color: string; values: (number | null)[] }[];
};

/** Lines in seconds; where a step was not measured there is a gap. */
export function toLagSeries({ points }: LagOverTime): ChartSeries {
  const line = (step: LagStep, quantile: 'p50' | 'p95' | 'p99'): (number | null)[] =>
    points.map(({ steps }) => {
      const ms = steps.find((one) => one.step === step)?.[quantile] ?? null;
      return ms === null ? null : ms / 1_000;
    });
  return {
    times: points.map(({ at }) => Date.parse(at) / 1_000),
    lines: [
      { name: 'p50', color: '--series-1', values: line('total', 'p50') },
      { name: 'p95', color: '--series-2', values: line('total', 'p95') },
      { name: 'p99', color: '--series-3', values: line('total', 'p99') },
      { name: 'Microsoft’s share, p95', color: '--series-4', values: line('graph', 'p95') },
    ],
  };
}
