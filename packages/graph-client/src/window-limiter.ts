import { setTimeout as sleep } from 'node:timers/promises';

export type WindowLimit = {
  limit: number;
  perMs: number;
  /** Milliseconds that never go back. */
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
};

/** `free`: how many may begin at once, those aside who wait in line. */
export type WindowLimiter = { take: () => Promise<void>; free: () => number };

const monotonic = (): number => performance.now();

/**
 * At most `limit` calls begin in any `perMs`; later ones wait in line. Identity and access reports allow 5 requests
 * per 10 s for an app in a tenant (https://learn.microsoft.com/graph/throttling-limits).
 */
export function createWindowLimiter({ limit, perMs, now = monotonic, wait = sleep }: WindowLimit): WindowLimiter {
  const begun: number[] = [];
  let line: Promise<void> = Promise.resolve();
  let waiting = 0;
  const begin = async (): Promise<void> => {
    const oldest = begun.length < limit ? undefined : begun.shift();
    const end = oldest === undefined ? now() : oldest + perMs;
    // Timers may fire a little early.
    while (now() < end) await wait(end - now());
    begun.push(now());
    waiting -= 1;
  };
  return {
    take: () => {
      waiting += 1;
      return (line = line.then(begin));
    },
    free: () => limit - waiting - begun.filter((at) => now() - at < perMs).length,
  };
}
