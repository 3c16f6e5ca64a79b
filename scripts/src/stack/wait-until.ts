import { setTimeout as delay } from 'node:timers/promises';

export type Wait = {
  readonly what: string;
  readonly withinMs: number;
  readonly everyMs?: number;
  /** True when it can no longer come true. */
  readonly isHopeless?: () => boolean;
};

/** Asks again until the answer is true; an error counts as "not yet" and is told when time is up. */
export async function waitUntil(
  ask: () => Promise<boolean>,
  { what, withinMs, everyMs = 100, isHopeless }: Wait,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      if (await ask()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (isHopeless?.()) throw new Error(`${what}: given up`);
    await delay(everyMs);
  }
  const reason = last instanceof Error ? `: ${last.message}` : '';
  throw new Error(`${what} not within ${withinMs / 1000} s${reason}`);
}
