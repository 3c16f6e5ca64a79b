export type Cancel = () => void;

/** All time in the simulator: `now` in ms since 1970, `after` runs `act` once, later. */
export type Clock = {
  readonly now: () => number;
  readonly after: (ms: number, act: () => void) => Cancel;
};

// setTimeout fires at once for longer waits.
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  after: (ms, act) => {
    const timer = setTimeout(act, Math.min(ms, LONGEST_TIMEOUT));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export type SteppedClock = Clock & { readonly advance: (ms: number) => void };

export const isStepped = (clock: Clock): clock is SteppedClock => 'advance' in clock;

/** A clock that stands still until `advance` is called; due acts then run in order of their time. */
export const createSteppedClock = (start: number): SteppedClock => {
  let now = start;
  let waiting: { at: number; act: () => void }[] = [];
  const nextBefore = (end: number) =>
    waiting
      .filter(({ at }) => at <= end)
      .reduce<(typeof waiting)[number] | undefined>(
        (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
        undefined,
      );
  return {
    now: () => now,
    after: (ms, act) => {
      const timer = { at: now + Math.max(0, ms), act };
      waiting.push(timer);
      return () => {
        waiting = waiting.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      const end = now + ms;
      for (let due = nextBefore(end); due !== undefined; due = nextBefore(end)) {
        const current = due;
        waiting = waiting.filter((other) => other !== current);
        now = current.at;
        current.act();
      }
      now = end;
    },
  };
};
