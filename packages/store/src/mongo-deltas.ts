import type { Connection, mongo } from 'mongoose';
import {
  cursorKind,
  removalCandidate,
  toPlanSummary,
  type PlanSummary,
  type CursorRecord,
  type PlanRecord,
  type SweepRecord,
} from '@muster/contracts';
import { clearRows, insertNew, olderThan, rowsOf, saveNext, toRecord, type Row } from './mongo-collections.js';
import type { CoverageStore, CursorsStore, NamedCandidate, PlansFilter, PlansStore } from './reconciler-store.js';

const DAY_MS = 86_400_000;
const KEPT_MS = 90 * DAY_MS;

export function createCursorsStore(connection: Connection): CursorsStore {
  const rows = rowsOf<CursorRecord>(connection, 'cursors');
  return {
    get: async (integrationId, kind) => {
      const row = await rows.findOne({ _id: `${integrationId}/${kind}` });
      return row && toRecord<CursorRecord>(row);
    },
    ofIntegration: async (integrationId) => {
      const ids = cursorKind.options.map((kind) => `${integrationId}/${kind}`);
      return (await rows.find({ _id: { $in: ids } }).toArray()).map((row) => toRecord<CursorRecord>(row));
    },
    all: async () => (await rows.find({}).sort({ _id: 1 }).toArray()).map((row) => toRecord<CursorRecord>(row)),
    save: (record) => saveNext(rows, `${record.integrationId}/${record.kind}`, record),
  };
}

const toPlansFilter = ({
  integrationIds,
  groupId,
  states,
  updatedSince,
  before,
}: PlansFilter): mongo.Filter<Row<PlanRecord>> => ({
  ...(before && olderThan('createdAt', { at: before.createdAt, id: before.planId })),
  ...(integrationIds === undefined ? {} : { integrationId: { $in: [...integrationIds] } }),
  ...(groupId === undefined ? {} : { groupId }),
  ...(states === undefined ? {} : { state: { $in: [...states] } }),
  ...(updatedSince === undefined ? {} : { updatedAt: { $gte: updatedSince } }),
});
const NEWEST_FIRST = { createdAt: -1, _id: -1 } as const;

/** Of the very plan that is answered, which may grow between two reads; not more of its people than their states. */
const STATES_ONLY = Object.fromEntries(
  removalCandidate
    .keyof()
    .options.filter((name) => name !== 'state')
    .map((name) => [`candidates.${name}`, 0]),
);

export function createPlansStore(connection: Connection): PlansStore {
  const rows = rowsOf<PlanRecord>(connection, 'plans');

  return {
    get: async (planId) => {
      const row = await rows.findOne({ _id: planId });
      return row && toRecord<PlanRecord>(row);
    },
    list: async (filter) => {
      const found = await rows.find(toPlansFilter(filter)).sort(NEWEST_FIRST).limit(filter.limit).toArray();
      return found.map((row) => toRecord<PlanRecord>(row));
    },
    summaries: async (filter) => {
      const found = rows
        .find(toPlansFilter(filter), { projection: STATES_ONLY })
        .sort(NEWEST_FIRST)
        .limit(filter.limit);
      const summaries: PlanSummary[] = [];
      // One by one: a plan may name 50,000.
      for await (const row of found) summaries.push(toPlanSummary(toRecord<PlanRecord>(row)));
      return summaries;
    },
    count: ({ integrationId, groupId, state }) => rows.countDocuments({ integrationId, groupId, state }),
    named: async ({ integrationId, groupId, states, userIds }) => {
      const among = { $in: [...userIds] };
      const found = await rows
        .aggregate<NamedCandidate & { createdAt: string }>([
          // Most often no plan names any of them: then no list is taken apart.
          { $match: { integrationId, groupId, state: { $in: [...states] }, 'candidates.userId': among } },
          { $project: { planId: 1, createdAt: 1, 'candidates.userId': 1, 'candidates.state': 1, 'candidates.why': 1 } },
          { $unwind: '$candidates' },
          { $match: { 'candidates.userId': among } },
          {
            $project: {
              ...{ _id: 0, planId: 1, createdAt: 1 },
              ...{ userId: '$candidates.userId', state: '$candidates.state', why: '$candidates.why' },
            },
          },
        ])
        .toArray();
      return found
        .toSorted((one, other) => other.createdAt.localeCompare(one.createdAt))
        .map(({ planId, userId, state, why }) => ({ planId, userId, state, why }));
    },
    heads: async (states) => {
      const projection = { _id: 0, planId: 1, integrationId: 1, groupId: 1, state: 1, updatedAt: 1 };
      return rows.find({ state: { $in: [...states] } }, { projection }).toArray();
    },
    save: async (record, before) => {
      const row = { _id: record.planId, ...record };
      if (before === null) return insertNew(rows, row);
      const isKnown = before === undefined ? {} : { updatedAt: before };
      const options = { upsert: before === undefined };
      const { matchedCount, upsertedCount } = await rows.replaceOne({ _id: row._id, ...isKnown }, row, options);
      return matchedCount + upsertedCount === 1;
    },
    clear: (integrationId, before, limit) =>
      clearRows(rows, { filter: { integrationId, state: 'done', updatedAt: { $lt: before } }, limit }),
  };
}

/** Cleared away by the server at `clearAt`. */
type CoverageRow = SweepRecord & { clearAt: Date };

export function createCoverageStore(connection: Connection): CoverageStore {
  const rows = rowsOf<CoverageRow>(connection, 'coverage');
  const toRow = (record: SweepRecord): CoverageRow => ({
    ...record,
    clearAt: new Date(Date.parse(record.to) + KEPT_MS),
  });
  const toSweep = (row: Row<CoverageRow>): SweepRecord => {
    const { clearAt: _, ...record } = toRecord<CoverageRow>(row);
    return record;
  };
  return {
    save: async (record) => {
      await rows.replaceOne({ _id: record.sweepId }, toRow(record), { upsert: true });
    },
    since: async (integrationId, since) => {
      const projection = { suspects: 0, ahead: 0 };
      const found = await rows
        .find({ integrationId, to: { $gte: since } }, { projection })
        .sort({ to: 1 })
        .toArray();
      // One follows the other, so only the last of those before can have read on until then.
      const before = await rows.findOne({ integrationId, to: { $lt: since } }, { projection, sort: { to: -1 } });
      const isUnderWay = before !== null && (before.readUntil ?? before.to) >= since;
      return [...(isUnderWay ? [before] : []), ...found].map((row) => toSweep(row as Row<CoverageRow>));
    },
    unjudged: async (integrationId, after) => {
      const open = { integrationId, judgedAt: null, ...(after === undefined ? {} : { to: { $gt: after } }) };
      const found = await rows.find(open).sort({ to: 1 }).limit(100).toArray();
      return found.map(toSweep);
    },
    unjudgedUntil: async (integrationId, to) => {
      const row = await rows.findOne({ integrationId, judgedAt: null, to });
      return row && toSweep(row);
    },
  };
}
