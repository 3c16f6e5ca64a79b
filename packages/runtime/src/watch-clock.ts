/** What a clock that is slewed or read late may lose between two looks, ms. */
const SLACK_MS = 1_000;

export type Clocks = {
  /** The clock on the wall, which an admin or a time server may set, ms. */
  wall: () => number;
  /** That never goes back, ms. */
  monotonic: () => number;
};

/** Each call answers whether the clock on the wall was set back since the call before. */
export function createSetBackDetector({ wall, monotonic }: Clocks): () => boolean {
  let ahead = wall() - monotonic();
  return () => {
    const before = ahead;
    ahead = wall() - monotonic();
    return ahead < before - SLACK_MS;
  };
}

/** Tells each time that the clock was set back, within a second. Answers what ends the watch. */
export function watchClock(onSetBack: () => void): () => void {
  const wasSetBack = createSetBackDetector({ wall: () => Date.now(), monotonic: () => performance.now() });
  const timer = setInterval(() => {
    if (wasSetBack()) onSetBack();
  }, 1_000).unref();
  return () => clearInterval(timer);
}
