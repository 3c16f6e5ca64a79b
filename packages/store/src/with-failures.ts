import { Failure } from '@muster/contracts';
import { within } from '@muster/runtime';
import { toFailure } from './mongo-failure.js';

/**
 * The driver (7.8.0) waits without end when a connection is closed between its look at it and its write: it waits for the
 * socket to drain, and `socketTimeoutMS` (30 s) ended with the socket. No method takes as long as this.
 */
const LONGEST_MS = 120_000;

/** Nobody knows whether it was done, as behind any failure of the connection. */
const unheard = (longestMs: number): Failure =>
  new Failure('store.unavailable', `MongoDB did not answer within ${longestMs / 1_000} s`, { retryable: true });

export type Limit = {
  longestMs: number;
  /** Told of each that was given up. */
  onUnheard?: () => void;
};

const giveUp = ({ longestMs, onUnheard }: Limit): Failure => {
  onUnheard?.();
  return unheard(longestMs);
};

/** Rejects with Failures, in the end also where nothing is ever heard. */
export async function answered<T>(work: Promise<T>, limit: Limit): Promise<T> {
  const late = (): never => {
    throw giveUp(limit);
  };
  try {
    return await within(work, limit.longestMs, late);
  } catch (error) {
    throw toFailure(error);
  }
}

/** One timer for all rows: of a million each is waited for. */
async function* answeredRows<T>(rows: AsyncIterable<T>, limit: Limit): AsyncGenerator<T> {
  const reading = rows[Symbol.asyncIterator]();
  /** Of the row that was asked for last: where it came, this does nothing more. */
  let end: ((failure: Failure) => void) | undefined;
  const timer = setTimeout(() => end && end(giveUp(limit)), limit.longestMs);
  const next = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      end = reject;
      timer.refresh();
      reading.next().then(resolve, reject);
    });
  let isReading = true;
  try {
    for (;;) {
      const step = await next();
      end = undefined;
      if (step.done === true) return;
      isReading = false;
      yield step.value;
      isReading = true;
    }
  } catch (error) {
    throw toFailure(error);
  } finally {
    clearTimeout(timer);
    const closing: Promise<unknown> = reading.return?.() ?? Promise.resolve();
    // Behind a row that never came this one never does either.
    if (isReading) closing.catch(() => undefined);
    else await answered(closing, limit);
  }
}

function translate(result: unknown, limit: Limit): unknown {
  if (result instanceof Promise) return answered(result, limit);
  const rows = typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
  return rows ? answeredRows(result as AsyncIterable<unknown>, limit) : result;
}

type Method = (...args: never[]) => unknown;

/** The same methods, rejecting with Failures, in the end also where nothing is ever heard. */
export function withFailures<T extends Record<string, Method>>(methods: T, given: Partial<Limit> = {}): T {
  const limit = { longestMs: LONGEST_MS, ...given };
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    (...args: never[]): unknown => translate(method(...args), limit),
  ]);
  return Object.fromEntries(entries) as T;
}

/** Each of them keeps one of the pool's 100 places for good. */
const MOST_UNHEARD = 20;

/** Tells once that too many were given up. */
export function countUnheard(onExhausted: ((error: Error) => void) | undefined): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count === MOST_UNHEARD)
      onExhausted?.(new Error(`${MOST_UNHEARD} commands of MongoDB were never answered: each keeps a connection`));
  };
}
