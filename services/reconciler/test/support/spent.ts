import { besideEach } from '../../src/beside-graph.js';

/** What of a run's time went where: ms in which at least one call of that name was under way. */
export type Spent = {
  readonly timed: <A extends unknown[], R>(
    name: string,
    call: (...args: A) => Promise<R>,
  ) => (...args: A) => Promise<R>;
  readonly timedRows: <A extends unknown[], R>(
    name: string,
    call: (...args: A) => AsyncIterable<R>,
  ) => (...args: A) => AsyncIterable<R>;
  /** Seconds by name. */
  readonly seconds: () => Record<string, number>;
};

export function createSpent(elapsedMs = (): number => performance.now()): Spent {
  const clocks = new Map<string, { underWay: number; since: number; ms: number }>();
  const toClock = (name: string) => {
    const clock = clocks.get(name) ?? { underWay: 0, since: 0, ms: 0 };
    clocks.set(name, clock);
    return clock;
  };
  async function during<R>(name: string, work: () => Promise<R>): Promise<R> {
    const clock = toClock(name);
    if (clock.underWay === 0) clock.since = elapsedMs();
    clock.underWay += 1;
    try {
      return await work();
    } finally {
      clock.underWay -= 1;
      if (clock.underWay === 0) clock.ms += elapsedMs() - clock.since;
    }
  }
  return {
    timed:
      (name, call) =>
      (...args) =>
        during(name, () => call(...args)),
    timedRows:
      (name, call) =>
      (...args) =>
        besideEach(call(...args), (wait) => during(name, wait)),
    seconds: () => Object.fromEntries([...clocks].map(([name, { ms }]) => [name, ms / 1_000])),
  };
}
