export type ClockSkew = {
  /** One answer: local time when the request left and when the answer came, and Graph's `Date` header, ms. */
  observe: (sample: { sentAt: number; receivedAt: number; date: number }) => void;
  /**
   * Local minus Graph, ms: 0 while the answers allow it; null before the first answer. With `now`, null also when the
   * newest answer is more than ten minutes off: since then the clock may have been set.
   */
  value: (now?: number) => number | null;
};

/** How fast the bounds widen again, so that a clock that was set right is believed in time: ms a sample. */
const WIDEN_MS = 1;
const TELLS_FOR_MS = 10 * 60_000;
/** What the two clocks of this machine may differ in without one having been set, ms. */
const LEAST_JUMP_MS = 250;

/** Our time less one that nobody sets: when that changes, our clock was set. */
const sinceStart = (): number => Date.now() - performance.now();

/**
 * `Date` has whole seconds and a journey lies around it, so one answer gives only bounds: Graph stood at some moment in
 * [date, date + 1 s) while we stood in [sentAt, receivedAt]. The bounds of many answers are intersected. When our clock
 * is set they move with it: a read that begins before the next answer would else be dated in a time to come, and
 * nothing observed until then would count.
 */
export function createClockSkew(offset = sinceStart): ClockSkew {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  let newestAt = 0;
  let offsetThen = offset();
  const followClock = (): void => {
    const jump = offset() - offsetThen;
    if (Math.abs(jump) < LEAST_JUMP_MS) return;
    offsetThen += jump;
    low += jump;
    high += jump;
  };
  return {
    observe({ sentAt, receivedAt, date }) {
      followClock();
      newestAt = receivedAt;
      const lower = sentAt - (date + 1_000);
      const upper = receivedAt - date;
      low = Math.max(low - WIDEN_MS, lower);
      high = Math.min(high + WIDEN_MS, upper);
      // A clock jumped: only the newest answer tells.
      if (low > high) [low, high] = [lower, upper];
    },
    value(now = newestAt) {
      followClock();
      // Either way: a clock that was set back leaves its answers in the future.
      if (!Number.isFinite(low) || Math.abs(now - newestAt) > TELLS_FOR_MS) return null;
      if (low <= 0 && high >= 0) return 0;
      return low > 0 ? low : high;
    },
  };
}
