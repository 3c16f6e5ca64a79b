import type { Now } from '@muster/runtime';

export type Memo<T> = (key: string, read: () => Promise<T>) => Promise<T>;

/** One read for all who ask for the same within `forMs`; failures are not kept. The oldest of more than `most` go. */
export function createMemo<T>({ forMs, most = 10_000, now }: { forMs: number; most?: number; now: Now }): Memo<T> {
  const kept = new Map<string, { at: number; value: Promise<T> }>();
  return (key, read) => {
    const at = now().getTime();
    const known = kept.get(key);
    // Of a time to come by more: the clock was set back, and nothing is kept until that time comes again.
    if (known && Math.abs(at - known.at) < forMs) return known.value;
    const value = read();
    kept.delete(key);
    kept.set(key, { at, value });
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    value.catch(() => {
      if (kept.get(key)?.value === value) kept.delete(key);
    });
    return value;
  };
}
