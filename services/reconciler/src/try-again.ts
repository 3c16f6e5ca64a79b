import { isFailure, type Failure } from '@muster/contracts';
import { toBackoffMs } from '@muster/runtime';

export type Tries = <T>(work: () => Promise<T>) => Promise<T>;
export type TriesOptions = {
  /** Waits; rejects when the run is to end. */
  pause: (ms: number) => Promise<void>;
  onRetry: (failure: Failure, waitMs: number) => void;
  random?: () => number;
};

const ATTEMPTS = 5;
/** A 403 of the report strikes at random also where nothing is missing (microsoft-graph-docs#12537): believed the third time. */
const DOUBTED = new Set(['graph.no-licence', 'mfa.role-missing', 'mfa.refused']);
const DOUBTED_ATTEMPTS = 3;
const DOUBTED_PAUSE_MS = 5_000;
const BACKOFF = { baseMs: 1_000, capMs: 30_000 };
/** Who is to wait longer than this had better begin anew: the schedule comes back to it. */
const LONGEST_WAIT_MS = 5 * 60_000;

/** Each work has its own tries; Retry-After is a floor. Rejects with the last failure. */
export function createTries({ pause, onRetry, random = Math.random }: TriesOptions): Tries {
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!isFailure(error) || attempt >= attemptsFor(error)) throw error;
        const waitMs = Math.max(toBackoffMs(attempt, BACKOFF, random()), leastWait(error));
        if (waitMs > LONGEST_WAIT_MS) throw error;
        onRetry(error, waitMs);
        await pause(waitMs);
      }
    }
  };
}

const isDoubted = ({ code }: Failure): boolean => DOUBTED.has(code);
const attemptsFor = (failure: Failure): number => {
  if (isDoubted(failure)) return DOUBTED_ATTEMPTS;
  return failure.retryable ? ATTEMPTS : 1;
};
const leastWait = (failure: Failure): number =>
  Math.max(failure.retryAfterMs ?? 0, isDoubted(failure) ? DOUBTED_PAUSE_MS : 0);
