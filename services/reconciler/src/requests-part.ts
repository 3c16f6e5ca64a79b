import { isFailure, syncRequest, type SyncRequest } from '@muster/contracts';
import {
  decodeEvent,
  toDeadLetter,
  toDeadLetterKey,
  type EventLog,
  type IncomingEvent,
  type Publisher,
} from '@muster/event-log';
import type { Now, Part } from '@muster/runtime';
import type { Logger } from '@muster/telemetry';
import type { Reconciler } from './reconciler.js';

export type RequestsOptions = {
  log: Pick<EventLog, 'consumer' | 'readNewest'>;
  groupId: string;
  reconciler: Pick<Reconciler, 'request'>;
  publisher: Pick<Publisher, 'publish'>;
  logger: Logger;
  now: Now;
  fail: (error: Error) => void;
};

/** How many of the newest requests are looked at again after a start. */
const LOOK_BACK = 1_000;

/**
 * Takes `sync.requests`. A request is only remembered here and its offset committed; the snapshots tell whether it was
 * answered. So after a start, or when the partition came from another copy, the newest ones are remembered again.
 */
export function requestsPart(options: RequestsOptions): Part {
  const { log, groupId, fail } = options;
  const accept = async (event: IncomingEvent): Promise<void> => {
    const request = decodeEvent(syncRequest, event.value);
    if (!isFailure(request)) {
      remember(options, request);
      return;
    }
    const value = toDeadLetter(event, request, options.now());
    await options.publisher.publish([{ topic: 'deadLetters', key: toDeadLetterKey(event), value }]);
  };
  const consumer = log.consumer({
    groupId,
    topics: ['requests'],
    fromBeginning: true,
    onAssigned: async () => {
      for (const event of await log.readNewest('requests', LOOK_BACK)) {
        const request = decodeEvent(syncRequest, event.value);
        if (!isFailure(request)) remember(options, request);
      }
    },
    handle: async ({ events, isMine }) => {
      for (const event of events) if (isMine()) await accept(event);
    },
    onCrash: fail,
  });
  return { name: 'sync-requests', start: consumer.start, stop: consumer.stop, state: consumer.state };
}

function remember({ reconciler, logger }: RequestsOptions, request: SyncRequest): void {
  // Part 3: an admin's answer to a plan.
  if (request.type === 'plan') return;
  const { type, integrationId, reason, requestedAt } = request;
  logger.debug({ integrationId, type, reason }, 'read asked for');
  reconciler.request(integrationId, {
    // A sweep is a full read of the users until there is a delta (part 3).
    kind: type === 'mfa' ? 'mfa' : 'users',
    urgent: type !== 'sweep',
    reason,
    requestedAt,
  });
}
