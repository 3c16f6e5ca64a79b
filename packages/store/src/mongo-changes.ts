import type { Connection, mongo } from 'mongoose';
import { toPersonKey } from '@muster/contracts';
import type { ChangesStore, KeptChange } from './access-store.js';
import { rowsOf, toRecord, type Row } from './mongo-collections.js';

/** Cleared away by the server at `keepUntil`. */
type ChangeRow = Omit<KeptChange, 'keepUntil'> & { keepUntil: Date };

export function createChangesStore(connection: Connection): ChangesStore {
  const rows = rowsOf<ChangeRow>(connection, 'changes');
  return {
    keep: async (changes) => {
      if (changes.length === 0) return;
      const upserts = changes.map((change) => ({
        updateOne: {
          filter: { _id: change.id },
          update: { $setOnInsert: { ...change, keepUntil: new Date(change.keepUntil) } },
          upsert: true,
        },
      }));
      await rows.bulkWrite(upserts, { ordered: false });
    },
    ofPerson: async ({ tenantId, userId }, { limit, before }) => {
      const [at, id] = before?.split(' ') ?? [];
      const earlier =
        at === undefined || id === undefined
          ? {}
          : { $or: [{ changedAt: { $lt: at } }, { changedAt: at, _id: { $lt: id } }] };
      const found = await rows
        .find({ tenantId, userId, ...earlier } as mongo.Filter<Row<ChangeRow>>)
        .sort({ changedAt: -1, _id: -1 })
        .limit(limit)
        .toArray();
      return found.map((row) => {
        const record = toRecord<ChangeRow>(row);
        return { ...record, keepUntil: record.keepUntil.toISOString() };
      });
    },
  };
}

/** By the index on the person; of whom nothing is kept costs a look into it. */
export function createLastTold(connection: Connection, collection: 'users' | 'mfa') {
  const rows = rowsOf<ChangeRow>(connection, 'changes');
  const prefix = `${collection}/`;
  return async (ids: readonly string[]): Promise<Map<string, number>> => {
    const people = ids.map((id) => id.split('/'));
    const filter = {
      tenantId: { $in: [...new Set(people.map(([tenantId]) => tenantId))] },
      userId: { $in: people.map(([, userId]) => userId) },
    } as mongo.Filter<Row<ChangeRow>>;
    const wanted = new Set(ids);
    const told = new Map<string, number>();
    for await (const row of rows.find(filter, { projection: { tenantId: 1, userId: 1, revision: 1 } })) {
      const key = toPersonKey(row.tenantId, row.userId);
      if (row._id.startsWith(prefix) && wanted.has(key)) told.set(key, Math.max(row.revision, told.get(key) ?? 0));
    }
    return told;
  };
}
