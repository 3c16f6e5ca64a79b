/** People of one tenant who are named at a moment. */
export type Arrival = { at: number; people: number };
export type BurstState = { arrivals: readonly Arrival[]; calmAt: number };

/** Arrivals within this time count together. */
const WINDOW_MS = 250;
/** A burst is over when nothing was too much for so long. */
const CALM_MS = 1_000;
/** No burst lasts longer than this beyond what last was too much. */
const LONGEST_MS = 60_000;

export const NO_BURST: BurstState = { arrivals: [], calmAt: Number.NEGATIVE_INFINITY };

/**
 * Whether to leave people to one delta sweep (a unit a page) in place of a read each (a unit a person). `people` are to
 * be read now, `behind` wait in the partition; who came a moment ago, on whatever partition, counts too, so that a
 * storm is seen while each batch is still small.
 */
export function isBurst(
  state: BurstState,
  { people, behind, at, most }: { people: number; behind: number; at: number; most: number },
): { burst: boolean; state: BurstState } {
  // What lies far ahead is of a time before the clock was set back.
  const recent = state.arrivals.filter((one) => Math.abs(at - one.at) < WINDOW_MS);
  const arrivals = [...recent, { at, people }];
  const total = arrivals.reduce((sum, one) => sum + one.people, 0) + behind;
  const known = state.calmAt - at > LONGEST_MS ? at : state.calmAt;
  const calmAt = total > most ? Math.max(known, at + CALM_MS) : known;
  return { burst: at < calmAt, state: { arrivals, calmAt } };
}

/** From so many people read, a tenant's part of a batch may be what makes the batch long; a smaller one only waits along. */
const MANY_READ = 5;
/**
 * So long the others of a batch may wait for one tenant's part, and for what is written of it: Graph takes its time, a
 * database should not.
 */
const SLOW_MS = 1_000;
const SLOW_WRITE_MS = 250;

/** `ms`: from the beginning of a tenant's part of a batch to its end; `writeMs`: of that, behind what was read. */
export type PartTook = { read: number; ms: number; writeMs: number };

/**
 * A tenant's part of a batch took so long while others were in it. Was it long, it is left to sweeps for as long again: on a
 * database that cannot take its storm, the others get half of the time, and what one person changes meanwhile is one write.
 */
export function afterPart(state: BurstState, { read, ms, writeMs, at }: PartTook & { at: number }): BurstState {
  if (read < MANY_READ || (ms < SLOW_MS && writeMs < SLOW_WRITE_MS)) return state;
  return { ...state, calmAt: Math.max(state.calmAt, at + Math.min(ms, LONGEST_MS)) };
}

/** How many of those behind a batch are as those in it: of this tenant, and worth a read. */
export const estimateBehind = (behind: number, { read, events }: { read: number; events: number }): number =>
  events === 0 ? 0 : Math.round((behind * read) / events);
