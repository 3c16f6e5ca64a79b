import { setTimeout as sleep } from 'node:timers/promises';
import { isFailure } from '@muster/contracts';
import type { Part } from '@muster/runtime';
import type { Logger } from '@muster/telemetry';
import type { EventLog } from './event-log.js';

const PAUSE_MS = 500;

/** Waits until the log can be reached and has every topic; goes before the parts that publish or consume. */
export function topicsPart(log: Pick<EventLog, 'ensureTopics'>, logger: Logger): Part {
  const stopping = new AbortController();
  return {
    name: 'topics',
    async start() {
      while (!stopping.signal.aborted) {
        try {
          await log.ensureTopics();
          return;
        } catch (error) {
          if (!isFailure(error) || !error.retryable) throw error;
          logger.warn({ err: error }, 'topics cannot be made sure of yet');
          await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
        }
      }
    },
    stop: () => {
      stopping.abort();
      return Promise.resolve();
    },
  };
}
