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
import type { PersonReader } from './read-person.js';
import type { Reconciler } from './reconciler.js';
import type { Sweeper } from './sweeper.js';

export type RequestsOptions = {
  log: Pick<EventLog, 'consumer' | 'readNewest'>;
  groupId: string;
  reconciler: Pick<Reconciler, 'request'>;
  sweeper: Pick<Sweeper, 'request' | 'answer'>;
  people: Pick<PersonReader, 'request'>;
  publisher: Pick<Publisher, 'publish'>;
  logger: Logger;
  now: Now;
  fail: (error: Error) => void;
};

/**
 * How many of the newest requests are looked at again after a start. Most are sweeps that bursts asked for: among them an
 * admin's "reconcile now" must still be found, with hundreds of tenants too.
 */
const LOOK_BACK = 100_000;
/** Read at a time, newest first. */
const LOOK_BACK_PAGE = 5_000;

/**
 * Takes `sync.requests`. A request is only remembered here and its offset committed; snapshots and cursors tell whether
 * it was answered; an admin's answer to a plan is kept in the plan. So after a start, or when the partition came from another copy, the newest ones are remembered again.
 */
export function requestsPart(options: RequestsOptions): Part {
  const { log, groupId, fail } = options;
  const accept = async (event: IncomingEvent): Promise<void> => {
    const request = decodeEvent(syncRequest, event.value);
    if (!isFailure(request)) {
      await remember(options, request);
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
      // Oldest first: of the answers to a plan a later one must not hide an earlier one.
      const answers: SyncRequest[] = [];
      for (const event of (await readBack(log)).toReversed()) {
        const request = decodeEvent(syncRequest, event.value);
        if (isFailure(request)) continue;
        if (request.type === 'plan') answers.push(request);
        else await remember(options, request);
      }
      // Behind the others, which wait for nothing: a plan may be edited just now, and then all comes again.
      for (const answer of answers) await remember(options, answer);
    },
    handle: async ({ events, isMine }) => {
      for (const event of events) if (isMine()) await accept(event);
    },
    onCrash: fail,
  });
  return { name: 'sync-requests', start: consumer.start, stop: consumer.stop, state: consumer.state };
}

async function readBack(log: RequestsOptions['log']): Promise<IncomingEvent[]> {
  const events: IncomingEvent[] = [];
  let before: { partition: number; offset: string } | undefined;
  while (events.length < LOOK_BACK) {
    const page = await log.readNewest('requests', LOOK_BACK_PAGE, before);
    events.push(...page);
    const [first] = page;
    if (!first) break;
    // The topic has one partition. Times of several producers may not be in the order of offsets.
    const offset = page.map((one) => BigInt(one.offset)).reduce((least, one) => (one < least ? one : least));
    before = { partition: first.partition, offset: offset.toString() };
  }
  return events;
}

async function remember(options: RequestsOptions, request: SyncRequest): Promise<void> {
  const { reconciler, sweeper, people, logger } = options;
  if (request.type === 'plan') return sweeper.answer(request);
  if (request.type === 'person') return people.request(request);
  const { type, integrationId, reason, requestedAt } = request;
  logger.debug({ integrationId, type, reason }, 'read asked for');
  if (type === 'sweep') sweeper.request(integrationId, { reason, requestedAt });
  else reconciler.request(integrationId, { kind: type, urgent: true, reason, requestedAt });
}
