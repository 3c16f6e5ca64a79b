import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@muster/contracts';
import type { Budget } from './budget.js';
import { createWindowLimiter } from './window-limiter.js';

/**
 * Waits for this process's turn at the report of an app and tenant; null or a rejection with `graph.throttled` = it is
 * another's. The turn lasts from each call until the window that Graph counts the call in is over.
 */
export type ReportTurn = (lane: 'events' | 'full') => Promise<void>;

export type ReportBudgetOptions = {
  turn: ReportTurn;
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
};

/** Identity and access reports: 5 requests per 10 s for an app in a tenant; a little slower, for clocks differ. */
export const REPORT_LIMIT = { limit: 5, perMs: 10_200 };

/**
 * The report's bucket: so few calls that who reads the report has it to itself, turn by turn. A single row (lane `events`)
 * is read at once or rejects: whoever asked does not wait for it, and the call would come when the turn is another's.
 */
export function createReportBudget({ turn, now = monotonic, wait = sleep }: ReportBudgetOptions): Budget {
  const limiter = createWindowLimiter({ ...REPORT_LIMIT, now, wait });
  let pausedUntil = 0;
  /** Single rows on their way to the limiter. */
  let asking = 0;
  const takeSingle = async (ready?: () => Promise<unknown>): Promise<void> => {
    if (now() < pausedUntil || limiter.free() <= asking)
      throw usedUp(Math.max(pausedUntil - now(), REPORT_LIMIT.perMs));
    asking += 1;
    try {
      await turn('events');
      await limiter.take(ready);
    } finally {
      asking -= 1;
    }
  };
  return {
    take: async (lane, _, ready) => {
      if (lane === 'events') {
        await takeSingle(ready);
        return;
      }
      await turn('full');
      while (now() < pausedUntil) await wait(pausedUntil - now());
      await limiter.take(ready);
    },
    throttled: (_, retryAfterMs = REPORT_LIMIT.perMs) => {
      pausedUntil = Math.max(pausedUntil, now() + retryAfterMs);
    },
    used: () => undefined,
    resize: () => undefined,
    outlook: () => ({
      unitsPerWindow: REPORT_LIMIT.limit,
      windowMs: REPORT_LIMIT.perMs,
      startsInMs: Math.max(0, pausedUntil - now()),
    }),
  };
}

const monotonic = (): number => performance.now();

const usedUp = (retryAfterMs: number): Failure =>
  new Failure(
    'graph.throttled',
    'The calls to the MFA report are used up for now; the next full read brings this row.',
    {
      retryable: true,
      retryAfterMs: Math.ceil(retryAfterMs),
      details: { ours: true },
    },
  );
