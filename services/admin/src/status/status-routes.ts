import { z } from 'zod';
import { guid, type SnapshotRecord } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import pLimit from 'p-limit';
import { cursorField, fromPlaceCursor, pageOf, toPlaceCursor } from '../http/cursor.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration, listIntegrations } from '../keys/principal.js';
import { toSnapshotView } from './domain/status-view.js';
import { READ_AT_ONCE, type ReadStatus } from './read-status.js';
import { snapshotView, statusView } from './status-schemas.js';

export type StatusRoutesOptions = {
  store: Pick<Store, 'integrations' | 'snapshots'>;
  readStatus: ReadStatus;
  now: Now;
};

type Newest = Pick<SnapshotRecord, 'startedAt' | 'snapshotId'>;
/** As the store sorts those of one integration. */
const byNewest = (one: Newest, other: Newest): number => (toSortKey(one) < toSortKey(other) ? 1 : -1);
const toSortKey = ({ startedAt, snapshotId }: Newest): string => `${startedAt} ${snapshotId}`;

const limit = z.coerce.number().int().min(1).max(200).default(20);

export const statusRoutes = ({ store, readStatus, now }: StatusRoutesOptions): Route[] => [
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
    query: z.strictObject({ integrationId: guid.optional(), limit, cursor: cursorField }),
    answer: { status: 200, description: 'One page.', schema: pageOf(snapshotView) },
    errors: [404],
    handle: async ({ query, principal }) => {
      const integrations =
        query.integrationId === undefined
          ? await listIntegrations(store.integrations, principal)
          : [await findIntegration(store.integrations, principal, query.integrationId)];
      const place = fromPlaceCursor('snapshots', query.cursor);
      const before = place && { before: { startedAt: place.at, snapshotId: place.id } };
      // One more than a page tells whether there is another.
      const records = await pLimit(READ_AT_ONCE).map(integrations, ({ integrationId }) =>
        store.snapshots.newest(integrationId, query.limit + 1, before),
      );
      const sorted = records.flat().toSorted(byNewest);
      const page = sorted.slice(0, query.limit);
      const last = sorted.length > query.limit ? page.at(-1) : undefined;
      const nextCursor = last ? toPlaceCursor('snapshots', { at: last.startedAt, id: last.snapshotId }) : null;
      return { body: { items: page.map((record) => toSnapshotView(record, null, now())), nextCursor } };
    },
  }),
];
