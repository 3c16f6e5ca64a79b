import { schedule } from 'node-cron';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@muster/telemetry';
import type { Part } from './part.js';
import { watchClock } from './watch-clock.js';

type Run = (signal: AbortSignal) => Promise<void>;
type JobOptions = { name: string; run: Run; logger: Logger };

/** One run at a time; a failed run is logged and the next one comes as planned. */
function createJob({ name, run, logger }: JobOptions) {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const start = (): Promise<void> =>
    (running ??= run(stopping.signal)
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.error({ err: error, job: name }, 'scheduled run failed');
      })
      .finally(() => {
        running = undefined;
      }));
  const stop = async (): Promise<void> => {
    stopping.abort(new Error(`${name} stops`));
    await running;
  };
  return { start, stop, signal: stopping.signal };
}

/**
 * For the whole process: node-cron 4.6 cuts the milliseconds off now by the local clock, which takes the hour that a
 * local clock repeats in autumn for the one before, whatever `timezone` says, and nothing runs until it is over.
 */
const useUtc = (): void => {
  // eslint-disable-next-line no-restricted-syntax -- set, not read: Node heeds it from then on
  process.env['TZ'] = 'UTC';
};

/**
 * node-cron in UTC, so that daylight saving never skips or doubles a run. It waits for the time of its next run, however far away
 * that has become when the clock is set back: then it begins anew.
 */
export function schedulePart(options: JobOptions & { cron: string; runAtStart?: boolean }): Part {
  const job = createJob(options);
  let task: ReturnType<typeof schedule> | undefined;
  let endWatch = (): void => undefined;
  const begin = (): void => {
    void task?.destroy();
    task = schedule(options.cron, () => job.start(), { timezone: 'UTC', noOverlap: true, name: options.name });
  };
  return {
    name: options.name,
    start: () => {
      useUtc();
      begin();
      endWatch = watchClock(begin);
      if (options.runAtStart) void job.start();
      return Promise.resolve();
    },
    stop: async () => {
      endWatch();
      await task?.destroy();
      await job.stop();
    },
  };
}

/** For periods below a minute: the pause begins when a run has ended. */
export function everyPart(options: JobOptions & { everyMs: number; jitterMs?: number }): Part {
  const job = createJob(options);
  let looping: Promise<void> | undefined;
  const loop = async (): Promise<void> => {
    while (!job.signal.aborted) {
      await job.start();
      const pause = options.everyMs + Math.random() * (options.jitterMs ?? 0);
      await sleep(pause, undefined, { signal: job.signal }).catch(() => undefined);
    }
  };
  return {
    name: options.name,
    start: () => {
      looping = loop();
      return Promise.resolve();
    },
    stop: async () => {
      await job.stop();
      await looping;
    },
  };
}
