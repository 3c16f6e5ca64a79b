import type { Connection, mongo } from 'mongoose';
import { CANARY_SILENT_MS, LAG_BOUNDS_MS, LAG_STEPS, toLagBucket, type LagStep } from '@muster/contracts';
import { rowsOf, type Row } from './mongo-collections.js';
import type { Heard, LagStore } from './store.js';

/** One minute of one step of one integration; cleared away 8 days after `at`. */
type BucketRow = { integrationId: string; step: LagStep; at: Date; counts: Record<string, number> };
/** No `at` as a date, so it is not cleared away. */
type CanaryRow = { canary: true; partition: number; seenAt: string; ms: number; receivedAt?: string; since?: string };
/** One for each watch; no `at`, either. */
type HeardRow = { heard: true } & Heard;
type LagRow = BucketRow | CanaryRow | HeardRow;

const MINUTE_MS = 60_000;
/** More than a quarter of an hour of one integration, which is asked for most. */
const BATCH = 1_000;

export function createLagStore(connection: Connection): LagStore {
  const rows = rowsOf<LagRow>(connection, 'lag');
  return {
    add: async (measures) => {
      const increments = toIncrements(measures);
      if (increments.length > 0) await rows.bulkWrite(increments as never, { ordered: false });
    },
    sum: async (integrationId, since) => {
      const sums = noCounts();
      const from = new Date(Math.floor(since.getTime() / MINUTE_MS) * MINUTE_MS);
      const found = rows.find({ integrationId, at: { $gte: from } } as mongo.Filter<Row<LagRow>>).batchSize(BATCH);
      for await (const row of found as unknown as AsyncIterable<BucketRow>) addCounts(sums, row);
      return sums;
    },
    series: async (integrationId, { since, until, everyMs }) => {
      const from = new Date(Math.floor(since.getTime() / everyMs) * everyMs);
      const slices = new Map<number, Record<LagStep, number[]>>();
      const filter = { integrationId, at: { $gte: from, $lt: until } } as mongo.Filter<Row<LagRow>>;
      for await (const row of rows.find(filter).batchSize(BATCH) as unknown as AsyncIterable<BucketRow>) {
        const at = Math.floor(row.at.getTime() / everyMs) * everyMs;
        const slice = slices.get(at) ?? noCounts();
        addCounts(slice, row);
        slices.set(at, slice);
      }
      return [...slices]
        .sort(([one], [other]) => one - other)
        .map(([at, counts]) => ({ at: new Date(at).toISOString(), counts }));
    },
    canary: async (partition, at, ms) => {
      const _id = `canary/${partition}`;
      const before = (await rows.findOne({ _id })) as unknown as CanaryRow | null;
      const received = at.getTime() - ms;
      const receivedAt = new Date(received).toISOString();
      // By when the receiver had it: canaries that waited for the projector leave no hole in what was delivered.
      const isNext = before?.receivedAt !== undefined && received - Date.parse(before.receivedAt) <= CANARY_SILENT_MS;
      const since = isNext ? (before.since ?? before.receivedAt) : receivedAt;
      const fields = { canary: true, partition, seenAt: at.toISOString(), ms, receivedAt, since };
      await rows.updateOne({ _id }, { $set: fields }, { upsert: true });
    },
    canaries: async () => {
      // By the prefix of the id, as those of `heard`: each sweep asks.
      const found = await rows.find({ _id: { $gte: 'canary/', $lt: 'canary0' } }).toArray();
      return (found as unknown as CanaryRow[])
        .map(({ partition, seenAt, ms, since = seenAt }) => ({ partition, at: seenAt, ms, since }))
        .sort((left, right) => left.partition - right.partition);
    },
    heard: async (heard) => {
      const upserts = heard.map(({ integrationId, resource, receivedAt }) => ({
        updateOne: {
          filter: { _id: `heard/${integrationId}${resource}` },
          update: { $max: { receivedAt }, $setOnInsert: { heard: true, integrationId, resource } },
          upsert: true,
        },
      }));
      if (upserts.length > 0) await rows.bulkWrite(upserts, { ordered: false });
    },
    lastHeard: async (integrationId) => {
      // By the prefix of the id: the buckets of an integration are many.
      const prefix = `heard/${integrationId}`;
      const found = await rows.find({ _id: { $gte: `${prefix}/`, $lt: `${prefix}0` } }).toArray();
      return (found as unknown as HeardRow[]).map(({ resource, receivedAt }) => ({
        integrationId,
        resource,
        receivedAt,
      }));
    },
  };
}

const noCounts = (): Record<LagStep, number[]> =>
  Object.fromEntries(
    LAG_STEPS.map((step) => [step, Array.from({ length: LAG_BOUNDS_MS.length + 1 }, () => 0)]),
  ) as Record<LagStep, number[]>;

function addCounts(sums: Record<LagStep, number[]>, { step, counts }: BucketRow): void {
  const sum = sums[step];
  for (const [bucket, count] of Object.entries(counts)) sum[Number(bucket)] = (sum[Number(bucket)] ?? 0) + count;
}

/** One `$inc` a bucket document, however many measures fall into it. */
function toIncrements(measures: Parameters<LagStore['add']>[0]): object[] {
  const buckets = new Map<string, BucketRow>();
  for (const { integrationId, step, ms, at } of measures) {
    const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
    const id = `${integrationId}/${step}/${minute.toISOString()}`;
    const row = buckets.get(id) ?? { integrationId, step, at: minute, counts: {} };
    const bucket = `counts.${toLagBucket(ms)}`;
    row.counts[bucket] = (row.counts[bucket] ?? 0) + 1;
    buckets.set(id, row);
  }
  return [...buckets].map(([id, { counts, ...fields }]) => ({
    updateOne: { filter: { _id: id }, update: { $inc: counts, $setOnInsert: fields }, upsert: true },
  }));
}
