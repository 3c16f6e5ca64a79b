import { setTimeout as delay } from 'node:timers/promises';

export type Wait = { readonly what: string; readonly withinMs: number; readonly everyMs?: number };

/** Asks again until the answer is true; an error counts as "not yet" and is told when time is up. */
export async function waitUntil(ask: () => Promise<boolean>, { what, withinMs, everyMs = 100 }: Wait): Promise<void> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      if (await ask()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  }
  const reason = last instanceof Error ? `: ${last.message}` : '';
  throw new Error(`${what} not within ${withinMs / 1000} s${reason}`);
}
