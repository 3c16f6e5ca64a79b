import type { Lag, LagStep } from './api-types.js';

type Slice = { at: string; steps: Lag[] };
/** Slices in which something was measured, oldest first, and how wide each is. */
export type LagOverTime = { step: string; points: Slice[] };
export type ChartSeries = {
  /** Seconds since 1970, ascending. */
  times: number[];
  /** `color` names a variable of the design. */
  lines: { name: string; color: string; values: (number | null)[] }[];
};

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000 };

/** `5m` in ms; null when it is not a length of time. */
function toMs(step: string): number | null {
  const [, count, unit = ''] = /^(\d+)([mh])$/.exec(step) ?? [];
  const ms = UNITS[unit];
  return count === undefined || ms === undefined ? null : Number(count) * ms;
}

/** Where slices are left out, one that is empty: else a line would be drawn over what nobody measured. */
function withGaps({ step, points }: LagOverTime): Slice[] {
  const width = toMs(step);
  if (width === null) return points;
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const isNext = !before || Date.parse(point.at) - Date.parse(before.at) <= width;
    return isNext ? [point] : [{ at: new Date(Date.parse(before.at) + width).toISOString(), steps: [] }, point];
  });
}

/** Lines in seconds; where a step was not measured there is a gap. */
export function toLagSeries(lag: LagOverTime): ChartSeries {
  const points = withGaps(lag);
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
