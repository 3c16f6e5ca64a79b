import { setTimeout as sleep } from 'node:timers/promises';

export type WindowLimit = {
  limit: number;
  perMs: number;
  /** Milliseconds that never go back. */
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
};

const monotonic = (): number => performance.now();

/**
 * At most `limit` calls begin in any `perMs`; later ones wait in line. Identity and access reports allow 5 requests
 * per 10 s for an app in a tenant (https://learn.microsoft.com/graph/throttling-limits).
 */
export function createWindowLimiter({ limit, perMs, now = monotonic, wait = sleep }: WindowLimit): () => Promise<void> {
  const begun: number[] = [];
  let line: Promise<void> = Promise.resolve();
  const take = async (): Promise<void> => {
    const oldest = begun.length < limit ? undefined : begun.shift();
    const end = oldest === undefined ? now() : oldest + perMs;
    // Timers may fire a little early.
    while (now() < end) await wait(end - now());
    begun.push(now());
  };
  return () => (line = line.then(take));
}
