import { LAG_BOUNDS_MS } from '@muster/contracts';

/** 99.9 % of the changes are on the feed within this time of the receiver having them. */
const LATE_MS = 60_000;
const BUDGET = 0.001;
/** So fast, and the month's budget lasts two days. */
const BURN = 14.4;
/** Fewer late ones are no sign of anything. */
const LEAST_LATE = 10;

export type LateChanges = { changes: number; late: number };

/** `counts`: those of the buckets of `ours`, see `LAG_BOUNDS_MS`. */
export function countLate(counts: readonly number[]): LateChanges {
  const inTime = LAG_BOUNDS_MS.filter((bound) => bound <= LATE_MS).length;
  const sum = (some: readonly number[]): number => some.reduce((total, count) => total + count, 0);
  return { changes: sum(counts), late: sum(counts.slice(inTime)) };
}

/** By the p99 of the last minutes, which is known anyway: more than one in a hundred was late. */
export const mayBeLate = (p99: number | null): boolean => p99 !== null && p99 > LATE_MS;

export const usesUpBudget = ({ changes, late }: LateChanges): boolean =>
  late >= LEAST_LATE && late > BURN * BUDGET * changes;
