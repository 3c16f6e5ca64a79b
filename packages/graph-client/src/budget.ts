import { Failure } from '@muster/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  LANES,
  onThrottled,
  onUsed,
  openBudget,
  refill,
  spend,
  toWait,
  type Allowance,
  type BudgetState,
  type Lane,
} from './domain/budget.js';

export type Budget = {
  /**
   * Waits until the lane may spend that much. Rejects at once with `graph.throttled` (retryAfterMs says how long) when
   * that would take longer than the lane's patience. `ready`: where calls are counted one by one, what must not be waited for
   * between the count and the call.
   */
  take: (lane: Lane, units: number, ready?: () => Promise<unknown>) => Promise<void>;
  /** Graph refused a call of this lane. */
  throttled: (lane: Lane, retryAfterMs: number | undefined) => void;
  /** x-ms-throttle-limit-percentage of an answer. */
  used: (share: number) => void;
  /** What may be used in one window from now on. */
  resize: (units: number) => void;
  /** What a lane may use from now on, where nothing else changes. */
  outlook: (lane: Lane) => Outlook;
};
export type Outlook = { unitsPerWindow: number; windowMs: number; startsInMs: number };

export type BudgetOptions = {
  allowance: Allowance;
  /** Milliseconds that never go back. */
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
  onWait?: (lane: Lane, ms: number) => void;
};

/** How long a call of a lane is worth waiting for, ms. */
const PATIENCE: Record<Lane, number> = { events: 4_000, delta: 30_000, full: 120_000 };
/** Where Graph gives no Retry-After. */
const USUAL_RETRY_AFTER_MS = 1_000;
/** Of so many turns one goes to who has waited longest, so that no lane starves. */
const TURNS = 8;

type Waiting = { lane: Lane; units: number; since: number; go: () => void };

/** One bucket of Graph's, shared by all calls of this process to one app and tenant. */
export function createBudget({ allowance: first, now = monotonic, wait = sleep, onWait }: BudgetOptions): Budget {
  let allowance = first;
  let state: BudgetState = openBudget(allowance, now());
  let turns = 0;
  let isServing = false;
  let wake = (): void => undefined;
  const line: Waiting[] = [];

  const isTurnOfAge = (): boolean => turns % TURNS === TURNS - 1;
  const isPaused = (lane: Lane): boolean => state.pausedUntil[lane] > state.at;
  const next = (): Waiting | undefined => {
    if (isTurnOfAge()) {
      const oldest = line.find((one) => !isPaused(one.lane));
      if (oldest) return oldest;
    }
    for (const lane of LANES) {
      const waiting = line.find((one) => one.lane === lane);
      if (waiting) return waiting;
    }
    return undefined;
  };

  const serve = async (): Promise<void> => {
    if (isServing) return;
    isServing = true;
    try {
      for (;;) {
        state = refill(state, allowance, now());
        const one = next();
        if (!one) return;
        // Whose turn it is by age is not held to its lane's reserve.
        const lane = isTurnOfAge() && !isPaused(one.lane) ? 'events' : one.lane;
        const ms = toWait(state, allowance, lane);
        if (ms > 0) {
          // Whoever comes meanwhile may be let through at once.
          await Promise.race([wait(Math.min(ms, 250)), new Promise<void>((resolve) => (wake = resolve))]);
          continue;
        }
        turns += 1;
        state = spend(state, one.units);
        line.splice(line.indexOf(one), 1);
        onWait?.(one.lane, now() - one.since);
        one.go();
      }
    } finally {
      isServing = false;
    }
  };

  const toQueue = (lane: Lane): number => {
    const ahead = line.filter((one) => LANES.indexOf(one.lane) <= LANES.indexOf(lane));
    const units = ahead.reduce((all, one) => all + one.units, 0);
    return (units * allowance.windowMs) / (allowance.units * state.pace);
  };

  return {
    take: async (lane, units) => {
      state = refill(state, allowance, now());
      const ms = toWait(state, allowance, lane) + toQueue(lane);
      if (ms > PATIENCE[lane])
        throw new Failure('graph.throttled', 'The budget of calls to Graph is used up for now.', {
          retryable: true,
          retryAfterMs: Math.ceil(ms),
          details: { lane, ours: true },
        });
      await new Promise<void>((go) => {
        line.push({ lane, units, since: now(), go });
        wake();
        void serve();
      });
    },
    throttled: (lane, retryAfterMs = USUAL_RETRY_AFTER_MS) => {
      state = onThrottled(refill(state, allowance, now()), lane, retryAfterMs);
    },
    used: (share) => {
      state = onUsed(refill(state, allowance, now()), share);
    },
    resize: (units) => {
      state = refill(state, allowance, now());
      allowance = { ...allowance, units };
    },
    outlook: (lane) => {
      state = refill(state, allowance, now());
      const { units, windowMs } = allowance;
      return {
        unitsPerWindow: units * state.pace,
        windowMs,
        startsInMs: toWait(state, allowance, lane) + toQueue(lane),
      };
    },
  };
}

const monotonic = (): number => performance.now();
