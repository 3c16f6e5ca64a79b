import type { Now } from '@muster/runtime';

/** What failed is left alone for `firstMs`, then twice as long with each further failure, at most `mostMs`. */
export type Backoff = {
  isDue: (name: string) => boolean;
  fail: (name: string) => void;
  clear: (name: string) => void;
};

export function createBackoff(now: Now, { firstMs, mostMs }: { firstMs: number; mostMs: number }): Backoff {
  const failed = new Map<string, { count: number; until: number }>();
  return {
    isDue(name) {
      const leftMs = (failed.get(name)?.until ?? 0) - now().getTime();
      // Longer than anything waits: the clock was set back.
      return leftMs <= 0 || leftMs > mostMs;
    },
    fail(name) {
      const count = (failed.get(name)?.count ?? 0) + 1;
      failed.set(name, { count, until: now().getTime() + Math.min(mostMs, firstMs * 2 ** (count - 1)) });
    },
    clear: (name) => void failed.delete(name),
  };
}
