import { setTimeout as sleep } from 'node:timers/promises';
import { isFailure } from '@muster/contracts';

/** The time of a row is over; what it reached until then counts. */
export class TimeIsUp extends Error {
  override name = 'TimeIsUp';
}

export type Watch = {
  what: string;
  everyMs: number;
  /** How far it is, in words; null = done. */
  look: () => Promise<string | null>;
};
export type TimeLimit = { until: (watch: Watch) => Promise<void> };

/** A bit before the row itself would be given up, so that it can still say what it reached. */
const SHARE = 0.95;
const SAY_EVERY_MS = 15_000;
/** A database that is busy for a while costs no run of hours. */
const BEAR_MS = 120_000;

export function createTimeLimit(
  minutes: number,
  say: (line: string) => void,
  now = () => performance.now(),
): TimeLimit {
  const end = now() + minutes * 60_000 * SHARE;
  return {
    /** Rejects with TimeIsUp, which says how far it came, or with what `look` rejected: for two minutes, if that may pass. */
    until: async ({ what, everyMs, look }) => {
      let saidAt = now();
      let seenAt = now();
      const bear = (error: unknown): string => {
        if (isFailure(error) && error.retryable && now() - seenAt < BEAR_MS) return error.message;
        throw error;
      };
      for (;;) {
        const state = await look().then((seen) => {
          seenAt = now();
          return seen;
        }, bear);
        if (state === null) return;
        if (now() >= end) throw new TimeIsUp(`${what}: ${state}`);
        if (now() - saidAt >= SAY_EVERY_MS) {
          saidAt = now();
          say(`${what}: ${state}`);
        }
        await sleep(everyMs);
      }
    },
  };
}
