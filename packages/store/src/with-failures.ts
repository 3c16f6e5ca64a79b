import { Failure } from '@muster/contracts';
import { toFailure } from './mongo-failure.js';

/**
 * The driver (7.8.0) waits without end when a connection is closed between its look at it and its write: it waits for the
 * socket to drain, and `socketTimeoutMS` (30 s) ended with the socket. No method takes as long as this.
 */
const LONGEST_MS = 120_000;

/** Where it takes longer, nobody knows whether it was done, as behind any failure of the connection. */
async function answered<T>(work: Promise<T>, longestMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const failure = new Failure('store.unavailable', 'MongoDB does not answer', { retryable: true });
    timer = setTimeout(() => reject(failure), longestMs).unref();
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw toFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

async function* answeredRows<T>(rows: AsyncIterable<T>, longestMs: number): AsyncGenerator<T> {
  const reading = rows[Symbol.asyncIterator]();
  let isWaiting = false;
  try {
    for (;;) {
      isWaiting = true;
      const step = await answered(reading.next(), longestMs);
      isWaiting = false;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    // Not behind a row that never came: it would be waited for, too.
    if (!isWaiting) await reading.return?.();
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
