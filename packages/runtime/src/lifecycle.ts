import type { Logger } from '@muster/telemetry';
import type { Part } from './part.js';

export type Lifecycle = {
  /** Starts the parts in order; rejects with the first error. Leaves off when `stop` is called meanwhile. */
  start: (parts: readonly Part[]) => Promise<void>;
  /**
   * Stops what was begun, last first, also a part that is still starting. One that fails to stop does not keep the
   * others from stopping. Answers the failures.
   */
  stop: () => Promise<unknown[]>;
};

export function createLifecycle(logger: Logger): Lifecycle {
  const begun: Part[] = [];
  let stopping = false;
  return {
    async start(parts) {
      for (const part of parts) {
        if (stopping) return;
        begun.push(part);
        await part.start();
        logger.debug({ part: part.name }, 'part started');
      }
    },
    async stop() {
      stopping = true;
      const failures: unknown[] = [];
      for (const part of begun.reverse()) {
        try {
          await part.stop();
          logger.debug({ part: part.name }, 'part stopped');
        } catch (error) {
          failures.push(error);
          logger.error({ err: error, part: part.name }, 'part did not stop cleanly');
        }
      }
      return failures;
    },
  };
}
