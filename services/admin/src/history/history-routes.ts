import { z } from 'zod';
import { guid, observationSource } from '@muster/contracts';
import type { Store } from '@muster/store';
import { fromCursor, toCursor } from '../http/cursor.js';
import { defineRoute, type Route } from '../http/route.js';
import { findPerson } from '../people/user-routes.js';
import { toWay, WAY_STEPS } from './domain/to-way.js';

export type HistoryRoutesOptions = { store: Pick<Store, 'changes' | 'users' | 'mfa' | 'integrations'> };

const changeView = z
  .object({
    id: z.string().describe('Of the event on directory.changes.'),
    type: z.string(),
    revision: z.int(),
    changed: z.array(z.string()).describe('Fields that changed.'),
    values: z.record(z.string(), z.unknown()).describe('Their new values.'),
    at: z.string().describe('When the document changed.'),
    way: z.object({
      source: observationSource.nullable().describe('What set the read off; null: not known, or no read at all.'),
      steps: z
        .array(
          z.object({
            step: z.enum(WAY_STEPS),
            at: z.string(),
            ms: z.int().nonnegative().nullable().describe('Since the step before; null at the first.'),
          }),
        )
        .describe('As far as they are known: changed at Microsoft, notified, taken from the log, read, written, told.'),
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
      const items = kept.map((change) => ({
        id: change.id,
        type: change.type,
        revision: change.revision,
        changed: Object.keys(change.changed),
        values: change.changed,
        at: change.changedAt,
        way: toWay(change),
      }));
      const last = items.length === limit ? items.at(-1) : undefined;
      return {
        body: { items, nextCursor: last ? toCursor('history', `${last.at} ${last.id}`) : null },
      };
    },
  }),
];
