import type { Connection, mongo } from 'mongoose';
import { toPersonKey } from '@muster/contracts';
import type { ChangesStore, KeptChange } from './access-store.js';
import { isOnlyDuplicates } from './mongo-failure.js';
import { inChunks, rowsOf, toRecord, type Row } from './mongo-collections.js';

/** Cleared away by the server at `keepUntil`. */
type ChangeRow = Omit<KeptChange, 'keepUntil'> & { keepUntil: Date };

export function createChangesStore(connection: Connection): ChangesStore {
  const rows = rowsOf<ChangeRow>(connection, 'changes');
  return {
    keep: async (changes) => {
      if (changes.length === 0) return;
      const kept = changes.map((change) => ({ _id: change.id, ...change, keepUntil: new Date(change.keepUntil) }));
      // What is kept already stays as it is: the feed tells some changes again.
      await rows.insertMany(kept, { ordered: false }).catch((error: unknown) => {
        if (!isOnlyDuplicates(error)) throw error;
      });
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
  const find = (tenantId: string, userIds: readonly string[]) =>
    rows
      .find({ tenantId, userId: { $in: [...userIds] } } as mongo.Filter<Row<ChangeRow>>, {
        projection: { userId: 1, revision: 1 },
      })
      .toArray();
  return async (ids: readonly string[]): Promise<Map<string, number>> => {
    const told = new Map<string, number>();
    // One tenant at a time: an equal first field is what lets any server use the index.
    for (const [tenantId, userIds] of byTenant(ids))
      for (const { _id, userId, revision } of await inChunks(userIds, (some) => find(tenantId, some))) {
        const key = toPersonKey(tenantId, userId);
        if (_id.startsWith(`${collection}/`)) told.set(key, Math.max(revision, told.get(key) ?? 0));
      }
    return told;
  };
}

function byTenant(ids: readonly string[]): Map<string, string[]> {
  const tenants = new Map<string, string[]>();
  for (const id of ids) {
    const [tenantId = '', userId = ''] = id.split('/');
    const userIds = tenants.get(tenantId);
    if (userIds) userIds.push(userId);
    else tenants.set(tenantId, [userId]);
  }
  return tenants;
}
