import { schedule } from 'node-cron';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@muster/telemetry';
import type { Part } from './part.js';

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

/** node-cron in UTC, so that daylight saving never skips or doubles a run. */
export function schedulePart(options: JobOptions & { cron: string; runAtStart?: boolean }): Part {
  const job = createJob(options);
  let task: ReturnType<typeof schedule> | undefined;
  return {
    name: options.name,
    start: () => {
      task = schedule(options.cron, () => job.start(), { timezone: 'UTC', noOverlap: true, name: options.name });
      if (options.runAtStart) void job.start();
      return Promise.resolve();
    },
    stop: async () => {
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
