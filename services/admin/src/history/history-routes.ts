import { z } from 'zod';
import { guid } from '@muster/contracts';
import type { Store } from '@muster/store';
import { fromCursor, toCursor } from '../http/cursor.js';
import { defineRoute, type Route } from '../http/route.js';
import { findPerson } from '../people/user-routes.js';

export type HistoryRoutesOptions = { store: Pick<Store, 'changes' | 'users' | 'mfa' | 'integrations'> };

const ms = z.int().nonnegative();
const changeView = z
  .object({
    id: z.string().describe('Of the event on directory.changes.'),
    type: z.string(),
    revision: z.int(),
    changed: z.array(z.string()).describe('Fields that changed.'),
    values: z.record(z.string(), z.unknown()).describe('Their new values.'),
    at: z.string().describe('When the document changed.'),
    way: z.object({
      observedAt: z.string().describe('The read behind it began, by Graph’s clock.'),
      changedAt: z.string().describe('The document changed.'),
      feedAt: z.string().describe('Kafka took the event.'),
      readMs: ms.describe('From the read to the document.'),
      feedMs: ms.describe('From the document to the feed.'),
    }),
  })
  .meta({ id: 'Change' });

export const historyRoutes = ({ store }: HistoryRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/users/{userId}/history',
    summary: 'Every change of one person, newest first, with its way through the pipeline',
    tag: 'users',
    params: z.object({ userId: guid }),
    query: z.strictObject({
      integrationId: guid.optional().describe('For operators: only this integration.'),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(500).optional().describe('`nextCursor` of the page before.'),
    }),
    answer: {
      status: 200,
      description: 'One page.',
      schema: z.object({ items: z.array(changeView), nextCursor: z.string().nullable() }),
    },
    errors: [404, 409],
    handle: async ({ params: { userId }, query: { integrationId, limit, cursor }, principal }) => {
      const { tenantId } = await findPerson(store, principal, { userId, integrationId });
      const before = fromCursor('history', cursor);
      const kept = await store.changes.ofPerson(
        { tenantId, userId },
        { limit, ...(before === undefined ? {} : { before }) },
      );
      const items = kept.map(({ id, type, revision, changed, observedAt, changedAt, feedAt }) => ({
        id,
        type,
        revision,
        changed: Object.keys(changed),
        values: changed,
        at: changedAt,
        way: {
          observedAt,
          changedAt,
          feedAt,
          readMs: between(observedAt, changedAt),
          feedMs: between(changedAt, feedAt),
        },
      }));
      const last = items.length === limit ? items.at(-1) : undefined;
      return {
        body: { items, nextCursor: last ? toCursor('history', `${last.at} ${last.id}`) : null },
      };
    },
  }),
];

/** Clocks of two machines may differ by a little: never less than nothing. */
const between = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));
