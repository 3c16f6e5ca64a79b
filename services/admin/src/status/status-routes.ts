import { z } from 'zod';
import { guid } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration, listIntegrations } from '../keys/principal.js';
import { toSnapshotView } from './domain/status-view.js';
import type { ReadStatus } from './read-status.js';
import { snapshotView, statusView } from './status-schemas.js';

export type StatusRoutesOptions = {
  store: Pick<Store, 'integrations' | 'snapshots'>;
  readStatus: ReadStatus;
  now: Now;
};

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
];
