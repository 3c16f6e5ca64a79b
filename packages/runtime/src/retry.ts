import { isFailure } from '@muster/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

export type RetryOptions = {
  /** Tries in all. */
  attempts: number;
  /** First pause; doubled each time up to `capMs`, with full jitter on the upper half. */
  baseMs: number;
  capMs: number;
  signal?: AbortSignal | undefined;
  random?: () => number;
  onRetry?: (error: Error, waitMs: number) => void;
};

/** Pause before try `attempt` (1 = after the first failure). What the other side asked for is a floor, not jittered. */
export function toBackoffMs(attempt: number, options: Pick<RetryOptions, 'baseMs' | 'capMs'>, random: number): number {
  const full = Math.min(options.capMs, options.baseMs * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random;
}

/** Tries again while the error is a Failure that says so. Rejects with the last error, or with the abort reason. */
export async function retry<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  const random = options.random ?? Math.random;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isFailure(error) || !error.retryable || attempt >= options.attempts) throw error;
      const waitMs = Math.max(toBackoffMs(attempt, options, random()), error.retryAfterMs ?? 0);
      options.onRetry?.(error, waitMs);
      await sleep(waitMs, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}
