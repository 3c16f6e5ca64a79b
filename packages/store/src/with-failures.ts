import { Failure } from '@muster/contracts';
import { toFailure } from './mongo-failure.js';

/**
 * The driver (7.8.0) waits without end when a connection is closed between its look at it and its write: it waits for the
 * socket to drain, and `socketTimeoutMS` (30 s) ended with the socket. No method takes as long as this.
 */
const LONGEST_MS = 120_000;

/** Nobody knows whether it was done, as behind any failure of the connection. */
const unheard = (longestMs: number): Failure =>
  new Failure('store.unavailable', `MongoDB did not answer within ${longestMs / 1_000} s`, { retryable: true });

async function answered<T>(work: Promise<T>, longestMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unheard(longestMs)), longestMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw toFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** One timer for all rows: of a million each is waited for. */
async function* answeredRows<T>(rows: AsyncIterable<T>, longestMs: number): AsyncGenerator<T> {
  const reading = rows[Symbol.asyncIterator]();
  /** Of the row that was asked for last: where it came, this does nothing more. */
  let giveUp: ((failure: Failure) => void) | undefined;
  const timer = setTimeout(() => giveUp?.(unheard(longestMs)), longestMs);
  const next = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      timer.refresh();
      reading.next().then(resolve, reject);
    });
  let isReading = true;
  try {
    for (;;) {
      const step = await next();
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
    else await answered(closing, longestMs);
  }
}

function translate(result: unknown, longestMs: number): unknown {
  if (result instanceof Promise) return answered(result, longestMs);
  const rows = typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
  return rows ? answeredRows(result as AsyncIterable<unknown>, longestMs) : result;
}

type Method = (...args: never[]) => unknown;

/** The same methods, rejecting with Failures, in the end also where nothing is ever heard. */
export function withFailures<T extends Record<string, Method>>(methods: T, longestMs = LONGEST_MS): T {
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    (...args: never[]): unknown => translate(method(...args), longestMs),
  ]);
  return Object.fromEntries(entries) as T;
}
