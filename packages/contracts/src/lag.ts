/**
 * The steps of the way, in order; lag is stamped at each. `graph` = from Graph's eventTime to receipt, which is Graph's
 * share; `ours` = from receipt to the feed, all that Muster answers for; `total` = both, as far as Graph says its own.
 */
export const LAG_STEPS = ['graph', 'kafka', 'read', 'document', 'feed', 'ours', 'total'] as const;
export type LagStep = (typeof LAG_STEPS)[number];

/** The canary comes each minute; longer without one, and the way from receiver to document is not proved. */
export const CANARY_SILENT_MS = 150_000;

/** Upper bounds of the histogram's buckets, milliseconds; the last one is open. */
export const LAG_BOUNDS_MS = [
  5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000,
] as const;

/** Index of the bucket that holds `ms`; negative lag (clock skew) counts as 0. */
export const toLagBucket = (ms: number): number => {
  const index = LAG_BOUNDS_MS.findIndex((bound) => ms <= bound);
  return index < 0 ? LAG_BOUNDS_MS.length : index;
};

/**
 * The share `quantile` of what the buckets count lies at or under this many ms: the bound of the bucket that holds it,
 * so never flattering. Null when nothing was counted.
 */
export function lagQuantile(counts: readonly number[], quantile: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.ceil(total * quantile);
  for (const [index, count] of counts.entries()) {
    left -= count;
    if (left <= 0) return LAG_BOUNDS_MS[index] ?? Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}
