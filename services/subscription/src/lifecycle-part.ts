import { isFailure, lifecycleEvent } from '@muster/contracts';
import { decodeEvent, toDeadLetter, toDeadLetterKey, type EventLog, type Publisher } from '@muster/event-log';
import type { Now, Part } from '@muster/runtime';
import type { Logger } from '@muster/telemetry';
import type { Keeper } from './keep-subscribed.js';

export type LifecycleOptions = {
  log: Pick<EventLog, 'consumer'>;
  publisher: Pick<Publisher, 'publish'>;
  keeper: Pick<Keeper, 'onLifecycle'>;
  logger: Logger;
  now: Now;
  fail: (error: Error) => void;
};

/** Takes `graph.lifecycle`, one event after the other; what is none goes to the dead letters. */
export function lifecyclePart({ log, publisher, keeper, logger, now, fail }: LifecycleOptions): Part {
  const consumer = log.consumer({
    groupId: 'muster.subscription',
    topics: ['lifecycle'],
    fromBeginning: true,
    handle: async ({ events, heartbeat, isMine }) => {
      for (const incoming of events) {
        if (!isMine()) return;
        const event = decodeEvent(lifecycleEvent, incoming.value);
        if (isFailure(event)) {
          const value = toDeadLetter(incoming, event, now());
          await publisher.publish([{ topic: 'deadLetters', key: toDeadLetterKey(incoming), value }]);
        } else {
          logger.debug({ subscriptionId: event.subscriptionId }, 'lifecycle event taken');
          await keeper.onLifecycle(event);
        }
        await heartbeat();
      }
    },
    onCrash: fail,
  });
  return { name: 'lifecycle', start: consumer.start, stop: consumer.stop, state: consumer.state };
}
