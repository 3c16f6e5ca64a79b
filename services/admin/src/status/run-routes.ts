import { z } from 'zod';
import { guid, snapshotKind } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { cursorField, fromPlaceCursor, pageOf, toPlaceCursor } from '../http/cursor.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import { chooseStep, SERIES_STEPS_MS, toLagSeries, type SeriesStep } from './domain/lag-series.js';
import { toSnapshotView } from './domain/status-view.js';
import { lagView, snapshotView } from './status-schemas.js';

export type RunRoutesOptions = { store: Pick<Store, 'integrations' | 'snapshots' | 'lag'>; now: Now };

const HOUR_MS = 3_600_000;
/** Lag is kept for 8 days. */
const KEPT_MS = 8 * 24 * HOUR_MS;
const params = z.object({ integrationId: guid });
const seriesStep = z.enum(Object.keys(SERIES_STEPS_MS) as [SeriesStep, ...SeriesStep[]]);

/** How reads and lag of one integration went over time. */
export const runRoutes = (options: RunRoutesOptions): Route[] => [runsRoute(options), lagRoute(options)];

const runsRoute = ({ store, now }: RunRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}/runs',
    summary: 'Full reads of one integration, newest first: progress, when it ends, and what it found that nothing told',
    tag: 'status',
    params,
    query: z.strictObject({
      kind: snapshotKind.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(20),
      cursor: cursorField,
    }),
    answer: {
      status: 200,
      description: 'One page.',
      schema: pageOf(snapshotView),
    },
    errors: [404],
    handle: async ({ params: { integrationId }, query: { kind, limit, cursor }, principal }) => {
      await findIntegration(store.integrations, principal, integrationId);
      const before = fromPlaceCursor('runs', cursor);
      const [records, users, mfa] = await Promise.all([
        store.snapshots.newest(integrationId, limit, {
          ...(kind === undefined ? {} : { kind }),
          ...(before && { before: { startedAt: before.at, snapshotId: before.id } }),
        }),
        store.snapshots.last(integrationId, 'users', ['complete']),
        store.snapshots.last(integrationId, 'mfa', ['complete']),
      ]);
      const usual = { users, mfa };
      const items = records.map((record) => toSnapshotView(record, usual[record.kind], now()));
      const last = records.length === limit ? records.at(-1) : undefined;
      const nextCursor = last ? toPlaceCursor('runs', { at: last.startedAt, id: last.snapshotId }) : null;
      return { body: { items, nextCursor } };
    },
  });

const lagRoute = ({ store, now }: RunRoutesOptions): Route =>
  defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}/lag',
    summary: 'Lag over time, by step of the way',
    tag: 'status',
    params,
    query: z.strictObject({
      since: z.iso.datetime({ offset: true }).optional().describe('An hour ago when left out; kept for 8 days.'),
      step: seriesStep.optional().describe('Width of a slice; the answer may be coarser, and says so.'),
    }),
    answer: {
      status: 200,
      description: 'Slices in which something was measured, oldest first; where nothing was, there is none.',
      schema: z.object({
        integrationId: z.string(),
        since: z.string(),
        step: seriesStep,
        points: z.array(z.object({ at: z.string(), steps: z.array(lagView) })),
      }),
    },
    errors: [404],
    handle: async ({ params: { integrationId }, query, principal }) => {
      await findIntegration(store.integrations, principal, integrationId);
      const until = now();
      const asked = query.since === undefined ? until.getTime() - HOUR_MS : Date.parse(query.since);
      const since = new Date(Math.min(until.getTime(), Math.max(asked, until.getTime() - KEPT_MS)));
      const step = chooseStep(until.getTime() - since.getTime(), query.step);
      const span = { since, until, everyMs: SERIES_STEPS_MS[step] };
      const points = toLagSeries(await store.lag.series(integrationId, span));
      return { body: { integrationId, since: since.toISOString(), step, points } };
    },
  });
