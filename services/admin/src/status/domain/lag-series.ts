import { LAG_STEPS, type LagStep } from '@muster/contracts';
import { toLagView, type LagView } from './status-view.js';

const MINUTE = 60_000;
/** Widths of a slice, ms. */
export const SERIES_STEPS_MS = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '6h': 360 * MINUTE,
};
export type SeriesStep = keyof typeof SERIES_STEPS_MS;
/** A chart shows no more; what is asked finer is answered coarser. */
const MOST_POINTS = 1_000;

const isStep = (name: string): name is SeriesStep => name in SERIES_STEPS_MS;
const STEPS = Object.keys(SERIES_STEPS_MS).filter(isStep);

/** The width that was asked for, or the next one that keeps the answer small. */
export function chooseStep(spanMs: number, asked: SeriesStep | undefined): SeriesStep {
  const fits = (step: SeriesStep): boolean => spanMs / SERIES_STEPS_MS[step] <= (asked ? MOST_POINTS : 120);
  const from = asked ? STEPS.indexOf(asked) : 0;
  return STEPS.slice(from).find(fits) ?? '6h';
}

export type LagPoint = { at: string; steps: LagView[] };

/** Slices in which nothing was measured are not there: no data is not a lag of 0. */
export const toLagSeries = (slices: readonly { at: string; counts: Record<LagStep, number[]> }[]): LagPoint[] =>
  slices.map(({ at, counts }) => ({
    at,
    steps: LAG_STEPS.map((step) => toLagView(step, counts[step])).filter(({ count }) => count > 0),
  }));
