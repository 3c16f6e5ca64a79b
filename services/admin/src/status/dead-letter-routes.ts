import { z } from 'zod';
import { deadLetter, TOPICS, type DeadLetter, type TopicRole } from '@muster/contracts';
import type { EventLog, IncomingEvent, OutgoingEvent, Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { ReplayRecord, Store } from '@muster/store';
import { notFound, Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { toRequester } from '../keys/principal.js';
import { maskString, toReadablePayload } from './domain/mask.js';

export type DeadLetterRoutesOptions = {
  store: Pick<Store, 'replays'>;
  eventLog: Pick<EventLog, 'readNewest'>;
  publisher: Pick<Publisher, 'publish'>;
  now: Now;
};

const offset = z.string().regex(/^\d{1,19}$/, 'is not an offset; take partition and offset from GET /dead-letters');
const partition = z.coerce.number().int().nonnegative();
const deadLetterView = z
  .object({
    partition: z.int(),
    offset: z.string(),
    origin: z
      .object({ topic: z.string(), partition: z.int(), offset: z.string(), key: z.string().nullable() })
      .nullable(),
    reason: z.object({ code: z.string(), message: z.string() }).describe('Secrets are masked here too.'),
    payload: z.unknown().describe('What could not be handled, with secrets masked.'),
    at: z.string(),
    replayed: z
      .object({ at: z.string(), by: z.string(), times: z.int() })
      .nullable()
      .describe('When it was last sent to its origin again.'),
  })
  .meta({ id: 'DeadLetter' });
type View = z.input<typeof deadLetterView>;

/** Messages that could not be handled: to be looked at, and sent again once the reason is mended. */
export const deadLetterRoutes = (options: DeadLetterRoutesOptions): Route[] => [
  listRoute(options),
  replayRoute(options),
];

const listRoute = ({ store, eventLog }: DeadLetterRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/dead-letters',
    summary: 'Messages that could not be handled, newest first',
    tag: 'status',
    operatorOnly: true,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(20),
      cursor: z
        .string()
        .regex(/^\d+\.\d+$/, 'is not a cursor that a page gave; start without')
        .optional()
        .describe('`nextCursor` of the page before.'),
    }),
    answer: {
      status: 200,
      description: 'A page; nextCursor is null on the last one.',
      schema: z.object({ items: z.array(deadLetterView), nextCursor: z.string().nullable() }),
    },
    handle: async ({ query: { limit, cursor } }) => {
      const events = await eventLog.readNewest('deadLetters', limit, fromCursor(cursor));
      const replays = await store.replays.of(events);
      const last = events.at(-1);
      const isLast = events.length < limit || last === undefined || last.offset === '0';
      const items = events.map((event) => toView(event, replays));
      return { body: { items, nextCursor: isLast ? null : `${last.partition}.${last.offset}` } };
    },
  });

function fromCursor(cursor: string | undefined): { partition: number; offset: string } | undefined {
  if (cursor === undefined) return undefined;
  const [from = '0', before = '0'] = cursor.split('.');
  return { partition: Number(from), offset: before };
}

const replayRoute = ({ store, eventLog, publisher, now }: DeadLetterRoutesOptions): Route =>
  defineRoute({
    method: 'post',
    path: '/dead-letters/{partition}/{offset}/replay',
    summary: 'Send a dead letter to its origin again: the same bytes under the same key',
    tag: 'status',
    operatorOnly: true,
    params: z.object({ partition, offset }),
    answer: { status: 202, description: 'It is on its origin topic again.', schema: deadLetterView },
    errors: [404, 409],
    handle: async ({ params, principal }) => {
      const event = await findLetter(eventLog, params);
      const letter = toDeadLetter(event);
      if (!letter) throw new Problem(409, 'This dead letter has not the form of one, so its origin is not known.');
      await publisher.publish([toOriginal(letter)]);
      const replay = { ...params, replayedAt: now().toISOString(), replayedBy: toRequester(principal) };
      await store.replays.add(replay);
      return { body: toView(event, await store.replays.of([params])) };
    },
  });

type Place = { partition: number; offset: string };

async function findLetter(eventLog: Pick<EventLog, 'readNewest'>, place: Place): Promise<IncomingEvent> {
  const next = (BigInt(place.offset) + 1n).toString();
  const [event] = await eventLog.readNewest('deadLetters', 1, { partition: place.partition, offset: next });
  if (event?.offset !== place.offset) throw notFound('dead letter at this place (they are kept for 30 days)');
  return event;
}

function toOriginal({ origin, value, cutFrom }: DeadLetter): OutgoingEvent {
  if (cutFrom !== undefined) throw new Problem(409, `Only the beginning of its ${cutFrom} bytes was kept.`);
  const roles = Object.keys(TOPICS) as TopicRole[];
  const topic = roles.find((role) => TOPICS[role].name === origin.topic);
  if (!topic) throw new Problem(409, `Its origin ${origin.topic} is no topic of this build.`);
  if (origin.key === null && origin.partition >= TOPICS[topic].partitions)
    throw new Problem(409, `Its origin ${origin.topic} has no partition ${origin.partition}.`);
  const bytes = value === null ? null : Buffer.from(value, 'base64');
  // Without a key its partition is all that is known of where it belongs.
  const place = origin.key === null ? { partition: origin.partition } : {};
  return { topic, key: origin.key, value: bytes, ...place };
}

/** A dead letter that is itself unreadable is shown all the same. */
function toView(event: IncomingEvent, replays: readonly ReplayRecord[]): View {
  const letter = toDeadLetter(event);
  const known = replays.find((one) => one.partition === event.partition && one.offset === event.offset);
  const replayed = known ? { at: known.replayedAt, by: known.replayedBy, times: known.times } : null;
  const place = { partition: event.partition, offset: event.offset, replayed };
  if (!letter)
    return {
      ...place,
      origin: null,
      reason: { code: 'dead-letter.unreadable', message: 'This dead letter has not the form of one.' },
      payload: toReadablePayload(event.value?.toString('base64') ?? null),
      at: new Date(event.timestamp).toISOString(),
    };
  const { reason, value, at } = letter;
  return {
    ...place,
    origin: { ...letter.origin, key: letter.origin.key === null ? null : maskString(letter.origin.key) },
    reason: { ...reason, message: maskString(reason.message) },
    payload: toReadablePayload(value),
    at,
  };
}

function toDeadLetter({ value }: IncomingEvent): DeadLetter | null {
  try {
    return deadLetter.parse(JSON.parse(value?.toString('utf8') ?? ''));
  } catch {
    return null;
  }
}
