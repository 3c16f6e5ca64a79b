import { setTimeout as sleep } from 'node:timers/promises';
import type { LagStore } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import type { Measure } from './measure-lag.js';

export type LagBehind = Pick<LagStore, 'add' | 'canary'> & {
  /** For a stop: waits no more between writes. Resolves when everything is written, or could not be. */
  flush: () => Promise<void>;
};

/** Beyond this some stand for all. */
const MOST_WAITING = 50_000;
/** Between two writes: each is an upsert for every step and minute, as dear as the documents of a batch. */
const EVERY_MS = 500;

/**
 * Lag is written behind the batches that were measured, now and then, all at once. A batch does not wait for it, nor
 * does it fail with it: what a crash or an outage takes is half a second of measures.
 */
export function createLagBehind(
  lag: Pick<LagStore, 'add' | 'canary'>,
  logger: Logger,
  everyMs: number = EVERY_MS,
): LagBehind {
  const flushing = new AbortController();
  let waiting: Measure[] = [];
  let writing: Promise<void> | null = null;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      await lag
        .add(taken)
        .catch((error: unknown) => logger.warn({ err: error, measures: taken.length }, 'lag not kept'));
      await sleep(everyMs, undefined, { signal: flushing.signal }).catch(() => undefined);
    }
    // In the same turn as the look at what waits: who adds right behind it would else wake nobody.
    writing = null;
  };
  return {
    add: (measures) => {
      waiting.push(...measures.slice(0, Math.max(0, MOST_WAITING - waiting.length)));
      if (waiting.length > 0) writing ??= writeAll();
      return Promise.resolve();
    },
    canary: (partition, at, ms) => lag.canary(partition, at, ms),
    flush: () => {
      flushing.abort();
      return writing ?? Promise.resolve();
    },
  };
}
