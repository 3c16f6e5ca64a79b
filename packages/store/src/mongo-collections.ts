import mongoose, { type Connection, type mongo } from 'mongoose';

/** A row as stored: our fields under an `_id` of text. */
export type Row<T> = T & { _id: string };
export type Rows<T> = mongo.Collection<Row<T>>;

type Index = { fields: Record<string, 1 | -1>; options?: mongoose.IndexOptions };

const DAY_SECONDS = 86_400;

/**
 * Collections and their indexes; made by `ensureIndexes`, never on the way (autoIndex and autoCreate are off). Other options
 * for fields that have an index already would fail the start on a database of before: take other fields. A list that is
 * sorted by a time and then by id has both in its index, else the server sorts the whole history.
 */
const INDEXES: Record<string, Index[]> = {
  users: [
    { fields: { tenantId: 1, _id: 1 } },
    { fields: { tenantId: 1, status: 1, _id: 1 } },
    { fields: { tenantId: 1, status: 1, changedAt: 1 } },
    { fields: { tenantId: 1, searchTerms: 1 } },
    { fields: { pendingAt: 1 }, options: { sparse: true } },
  ],
  mfa: [{ fields: { tenantId: 1, state: 1, _id: 1 } }, { fields: { pendingAt: 1 }, options: { sparse: true } }],
  groups: [{ fields: { tenantId: 1 } }],
  integrations: [
    {
      fields: { tenantId: 1 },
      options: { unique: true, partialFilterExpression: { state: { $in: ['draft', 'active', 'paused'] } } },
    },
    { fields: { sequence: 1 } },
  ],
  counters: [],
  subscriptions: [{ fields: { integrationId: 1 } }],
  snapshots: [
    { fields: { integrationId: 1, startedAt: -1, _id: -1 } },
    { fields: { integrationId: 1, kind: 1, state: 1, startedAt: -1, _id: -1 } },
  ],
  cursors: [],
  plans: [
    { fields: { integrationId: 1, createdAt: -1, _id: -1 } },
    { fields: { integrationId: 1, state: 1, createdAt: -1, _id: -1 } },
    { fields: { state: 1 } },
  ],
  announced: [
    { fields: { integrationId: 1, at: 1 } },
    { fields: { at: 1 }, options: { expireAfterSeconds: DAY_SECONDS } },
  ],
  replays: [{ fields: { partition: 1, position: 1 } }, { fields: { clearAt: 1 }, options: { expireAfterSeconds: 0 } }],
  removals: [],
  heldRemovals: [{ fields: { integrationId: 1 } }],
  coverage: [
    { fields: { integrationId: 1, to: 1 } },
    { fields: { integrationId: 1, judgedAt: 1, to: 1 } },
    { fields: { clearAt: 1 }, options: { expireAfterSeconds: 0 } },
  ],
  personReads: [{ fields: { clearAt: 1 }, options: { expireAfterSeconds: 0 } }],
  leases: [],
  lag: [
    { fields: { integrationId: 1, at: 1 } },
    { fields: { at: 1 }, options: { expireAfterSeconds: 8 * DAY_SECONDS } },
  ],
  sessions: [
    { fields: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
    { fields: { 'subject.tenantId': 1, 'subject.userId': 1 } },
  ],
  usedOnce: [{ fields: { clearAt: 1 }, options: { expireAfterSeconds: 0 } }],
  audit: [
    { fields: { integrationId: 1, _id: -1 } },
    { fields: { action: 1, _id: -1 } },
    { fields: { clearAt: 1 }, options: { expireAfterSeconds: 0 } },
  ],
  changes: [
    { fields: { tenantId: 1, userId: 1, changedAt: -1, _id: -1 } },
    { fields: { keepUntil: 1 }, options: { expireAfterSeconds: 0 } },
  ],
  alerts: [{ fields: { clearAt: 1 }, options: { expireAfterSeconds: 0 } }],
  alertTargets: [],
  tokenCaches: [],
  permissionTables: [],
  tenantHealth: [{ fields: { integrationId: 1 } }],
  apiKeys: [{ fields: { hash: 1 }, options: { unique: true } }],
};

/**
 * Shapes are zod's (contracts); a mongoose model gives the name and the indexes. Work goes through `Model.collection`:
 * the driver itself, at a third of the cost of `Model.bulkWrite`.
 */
function modelOf(connection: Connection, name: string) {
  const known = connection.models[name];
  if (known) return known;
  const schema = new mongoose.Schema(
    { _id: String },
    { collection: name, strict: false, versionKey: false, autoIndex: false, autoCreate: false },
  );
  for (const { fields, options } of INDEXES[name] ?? []) schema.index(fields, options);
  return connection.model(name, schema);
}

export const rowsOf = <T>(connection: Connection, name: string): Rows<T> =>
  modelOf(connection, name).collection as unknown as Rows<T>;

/** On the disk, too: a change that was told must be there after a crash. Not every server means that by "majority". */
export const ON_DISK = { w: 'majority', journal: true, wtimeoutMS: 10_000 } as const;

/** Idempotent; one collection after the other, which suits small servers. */
export async function ensureIndexes(connection: Connection): Promise<void> {
  for (const name of Object.keys(INDEXES)) await modelOf(connection, name).createIndexes();
}

/** A row without what only the database needs. */
export function toRecord<T>(row: Row<T>): T {
  const { _id, ...record } = row;
  return record as unknown as T;
}

/**
 * Servers that speak the protocol of MongoDB may take a time for `$in` that grows with its square, and do one thing at a time:
 * what else waits there comes between. Measured with 999 ids: half the time of a hundred by five, and others wait a fifth.
 */
const CHUNK = 33;
const CHUNKS_AT_ONCE = 2;

export const toChunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, at) => items.slice(at * CHUNK, (at + 1) * CHUNK));

export async function inChunks<T, R>(items: readonly T[], find: (some: readonly T[]) => Promise<R[]>): Promise<R[]> {
  const found: R[] = [];
  for (let from = 0; from < items.length; from += CHUNK * CHUNKS_AT_ONCE) {
    const block = items.slice(from, from + CHUNK * CHUNKS_AT_ONCE);
    const rows = await Promise.all(toChunks(block).map(find));
    for (const some of rows) found.push(...some);
  }
  return found;
}

/** Drops at most so many of these, and answers how many. */
export async function clearRows<T>(
  rows: Rows<T>,
  { filter, limit }: { filter: mongo.Filter<Row<T>>; limit: number },
): Promise<number> {
  const found = await rows
    .find(filter, { projection: { _id: 1 } })
    .limit(limit)
    .toArray();
  let dropped = 0;
  for (const some of toChunks(found.map(({ _id }) => _id))) {
    const among = { _id: { $in: some } } as mongo.Filter<Row<T>>;
    dropped += (await rows.deleteMany(among)).deletedCount;
  }
  return dropped;
}

/** What comes after this one in a list that is sorted newest first by `field`, then by id. */
export const olderThan = (field: string, { at, id }: { at: string; id: string }) => ({
  $or: [{ [field]: { $lt: at } }, { [field]: at, _id: { $lt: id } }],
});

export const isDuplicate = (error: unknown): boolean =>
  error instanceof mongoose.mongo.MongoServerError && error.code === 11_000;

/** Compare and swap: false when someone else saved since the record was read, whose revision was one less. */
export async function saveNext<T extends { revision: number }>(rows: Rows<T>, id: string, record: T): Promise<boolean> {
  // The driver's filter types cannot see through a type parameter; every row has these fields.
  const plain = rows as unknown as Rows<{ revision: number }>;
  if (record.revision > 1) {
    const result = await plain.replaceOne({ _id: id, revision: record.revision - 1 }, { ...record });
    return result.matchedCount === 1;
  }
  return insertNew(plain, { _id: id, ...record });
}

/** Answers false when there is one of this id. */
export async function insertNew<T>(rows: Rows<T>, row: Row<T>): Promise<boolean> {
  try {
    await rows.insertOne(row as mongo.OptionalUnlessRequiredId<Row<T>>);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
