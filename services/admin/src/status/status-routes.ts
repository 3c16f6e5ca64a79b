import { z } from 'zod';
import { deadLetter, guid } from '@muster/contracts';
import type { EventLog, IncomingEvent } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration, listIntegrations } from '../keys/principal.js';
import { toReadablePayload } from './domain/mask.js';
import { toSnapshotView } from './domain/status-view.js';
import type { ReadStatus } from './read-status.js';
import { snapshotView, statusView } from './status-schemas.js';

export type StatusRoutesOptions = {
  store: Pick<Store, 'integrations' | 'snapshots'>;
  eventLog: Pick<EventLog, 'readNewest'>;
  readStatus: ReadStatus;
  now: Now;
};

const limit = z.coerce.number().int().min(1).max(200).default(20);

const deadLetterView = z
  .object({
    offset: z.string(),
    origin: z
      .object({ topic: z.string(), partition: z.int(), offset: z.string(), key: z.string().nullable() })
      .nullable(),
    reason: z.object({ code: z.string(), message: z.string() }),
    payload: z.unknown().describe('What could not be handled, with secrets masked.'),
    at: z.string(),
  })
  .meta({ id: 'DeadLetter' });

export const statusRoutes = ({ store, eventLog, readStatus, now }: StatusRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/status',
    summary: 'Counts, lag, subscriptions and reads of every integration, and the pipeline',
    tag: 'status',
    answer: { status: 200, description: 'How things stand.', schema: statusView },
    handle: async ({ principal }) => ({ body: await readStatus(principal) }),
  }),
  defineRoute({
    method: 'get',
    path: '/snapshots',
    summary: 'Full reads, newest first',
    tag: 'status',
    query: z.strictObject({ integrationId: guid.optional(), limit }),
    answer: { status: 200, description: 'The newest ones.', schema: z.object({ items: z.array(snapshotView) }) },
    errors: [404],
    handle: async ({ query, principal }) => {
      const integrations =
        query.integrationId === undefined
          ? await listIntegrations(store.integrations, principal)
          : [await findIntegration(store.integrations, principal, query.integrationId)];
      const records = await Promise.all(
        integrations.map(({ integrationId }) => store.snapshots.newest(integrationId, query.limit)),
      );
      const items = records
        .flat()
        .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1))
        .slice(0, query.limit);
      return { body: { items: items.map((record) => toSnapshotView(record, null, now())) } };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/dead-letters',
    summary: 'Messages that could not be handled, newest first',
    tag: 'status',
    operatorOnly: true,
    query: z.strictObject({ limit }),
    answer: { status: 200, description: 'The newest ones.', schema: z.object({ items: z.array(deadLetterView) }) },
    handle: async ({ query }) => {
      const events = await eventLog.readNewest('deadLetters', query.limit);
      return { body: { items: events.map((event) => toDeadLetterView(event)) } };
    },
  }),
];

/** A dead letter that is itself unreadable is shown all the same. */
function toDeadLetterView(event: IncomingEvent): z.input<typeof deadLetterView> {
  const text = event.value?.toString('utf8') ?? '';
  const parsed = deadLetter.safeParse(readJson(text));
  const { offset, timestamp } = event;
  if (!parsed.success)
    return {
      offset,
      origin: null,
      reason: { code: 'dead-letter.unreadable', message: 'This dead letter has not the form of one.' },
      payload: toReadablePayload(event.value?.toString('base64') ?? null),
      at: new Date(timestamp).toISOString(),
    };
  const { origin, reason, value, at } = parsed.data;
  return { offset, origin, reason, payload: toReadablePayload(value), at };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
