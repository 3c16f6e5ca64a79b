export const LEAST_AT_ONCE = 3;

/** What took no longer leaves the database room for more at a time; what took longer waited behind the others. */
const FAST_MS = 60;
const SLOW_MS = 250;
/** One more only after several that were fast: fewer at once as soon as one was slow. */
const STEP = 0.25;

/**
 * How many partitions of a tenant may write at a time, after one of them took so long. A database with many processors
 * takes twelve as fast as three; one that does one thing at a time makes each of twelve slower, and whatever else asks it.
 */
export function toPace(pace: number, ms: number, most: number): number {
  if (ms > SLOW_MS) return Math.max(LEAST_AT_ONCE, pace / 2);
  return ms < FAST_MS ? Math.min(most, pace + STEP) : pace;
}
