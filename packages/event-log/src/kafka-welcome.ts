import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, isFailure } from '@muster/contracts';
import type { Logger } from '@muster/telemetry';
import type { ConsumerOptions } from './event-log.js';
import type { Membership } from './kafka-membership.js';
import { toWaitMs } from './kafka-pauses.js';

type Options = {
  options: Pick<ConsumerOptions, 'onAssigned' | 'groupId'>;
  membership: Membership;
  logger: Logger;
  /** The consumer stops: nothing is tried again. */
  signal: AbortSignal;
  /** Such a failure does not pass. */
  fail: (error: unknown) => void;
};
/** One assignment; `done`: its welcome that is under way, or was a success. */
type Given = { generation: number; done?: Promise<void> | undefined };

/**
 * What a service does with partitions that it was just given, ahead of their first event. A quiet topic has none for days:
 * what fails is tried again without one, for as long as the assignment stands.
 */
export function createWelcome({ options: { onAssigned, groupId }, membership, logger, signal, fail }: Options) {
  let given: Given = { generation: membership.generation() };
  const attempt = (one: Given): Promise<void> =>
    (one.done ??= (async () => onAssigned?.(membership.assignment()))().catch((error: unknown) => {
      one.done = undefined;
      throw error;
    }));
  const keepTrying = async (one: Given): Promise<void> => {
    const isOver = (): boolean => signal.aborted || membership.generation() !== one.generation;
    for (let tries = 1; !isOver(); tries += 1) {
      try {
        await attempt(one);
        return;
      } catch (error) {
        if (isOver()) return;
        if (!isFailure(error) || !error.retryable) {
          fail(error);
          return;
        }
        const waitMs = toWaitMs(error, tries);
        logger.warn({ err: error, groupId, waitMs }, 'what was given to the consumer is not taken up yet');
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  const ended = new Promise<never>((_, reject) => {
    const end = (): void =>
      reject(new Failure('log.stopping', `The consumer of ${groupId} stops.`, { retryable: true }));
    signal.addEventListener('abort', end, { once: true });
  });
  ended.catch(() => undefined);
  return {
    /** Once per assignment. */
    begin: (): void => {
      given = { generation: membership.generation() };
      void keepTrying(given);
    },
    /** Whoever handles a chunk awaits it; where it has failed it is tried again at once. A stop does not wait for it. */
    done: (): Promise<void> => Promise.race([attempt(given), ended]),
  };
}
