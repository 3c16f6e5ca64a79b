import type { Connection, mongo } from 'mongoose';
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
