/** Of numbers in any order; the middle one, or the mean of the two in the middle. NaN without any. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] =
    sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The smallest value that `share` (0 to 1) of all do not exceed. NaN without any. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Median of the ratios of neighbours: what A and B had in common at the time cancels out. */
export const medianRatio = (ours: readonly number[], baseline: readonly number[]): number =>
  median(ours.flatMap((value, index) => (baseline[index] === undefined ? [] : [value / baseline[index]])));
