import { setTimeout as sleep } from 'node:timers/promises';

export type WindowLimit = {
  limit: number;
  perMs: number;
  /** Milliseconds that never go back. */
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
};

/** `free`: how many may begin at once, those aside who wait in line. */
export type WindowLimiter = {
  /** `ready`: what else has to be there before the call is counted; rejects as it does, and nothing is counted. */
  take: (ready?: () => Promise<unknown>) => Promise<void>;
  free: () => number;
};

const monotonic = (): number => performance.now();

/**
 * At most `limit` calls begin in any `perMs`; later ones wait in line. Identity and access reports allow 5 requests
 * per 10 s for an app in a tenant (https://learn.microsoft.com/graph/throttling-limits).
 */
export function createWindowLimiter({ limit, perMs, now = monotonic, wait = sleep }: WindowLimit): WindowLimiter {
  const begun: number[] = [];
  let line: Promise<void> = Promise.resolve();
  let waiting = 0;
  const begin = async (ready?: () => Promise<unknown>): Promise<void> => {
    try {
      const end = begun.length < limit ? now() : (begun[0] ?? 0) + perMs;
      // Timers may fire a little early.
      while (now() < end) await wait(end - now());
      await ready?.();
      if (begun.length >= limit) begun.shift();
      begun.push(now());
    } finally {
      waiting -= 1;
    }
  };
  return {
    take: (ready) => {
      waiting += 1;
      const mine = line.then(() => begin(ready));
      line = mine.catch(() => undefined);
      return mine;
    },
    free: () => limit - waiting - begun.filter((at) => now() - at < perMs).length,
  };
}
