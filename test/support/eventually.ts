import { inspect } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

export type Eventually = {
  /** Milliseconds until it is given up. */
  readonly within?: number;
  /** Milliseconds between two tries. */
  readonly every?: number;
  /** The fact, as in "the renamed user is seen". */
  readonly what?: string;
};

const show = (value: unknown): string => (value instanceof Error ? value.message : inspect(value, { depth: 4 }));

/**
 * Waits for a fact: tries until `fn` neither throws nor gives false, null or undefined, and gives what it gave. When time
 * is up, it says what was seen last.
 */
export async function eventually<T>(
  fn: () => T | Promise<T>,
  { within = 5000, every = 20, what = 'the fact' }: Eventually = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + within;
  for (;;) {
    let seen: unknown;
    try {
      const value = await fn();
      if (value !== false && value !== null && value !== undefined) return value as NonNullable<Exclude<T, false>>;
      seen = value;
    } catch (error) {
      seen = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`${what}: not within ${within} ms; last seen: ${show(seen)}`, { cause: seen });
    }
    await delay(every);
  }
}
