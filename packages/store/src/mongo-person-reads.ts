import type { Connection } from 'mongoose';
import { toPersonKey, type PersonRead } from '@muster/contracts';
import { rowsOf, toRecord } from './mongo-collections.js';
import type { PersonReadsStore } from './reconciler-store.js';

const KEPT_MS = 86_400_000;
/** Cleared away by the server at `clearAt`. */
type PersonReadRow = PersonRead & { clearAt: Date };

export function createPersonReadsStore(connection: Connection): PersonReadsStore {
  const rows = rowsOf<PersonReadRow>(connection, 'personReads');
  return {
    get: async (tenantId, userId) => {
      const row = await rows.findOne({ _id: toPersonKey(tenantId, userId) });
      if (!row) return null;
      const { clearAt: _, ...record } = toRecord<PersonReadRow>(row);
      return record;
    },
    save: async (record) => {
      const _id = toPersonKey(record.tenantId, record.userId);
      const clearAt = new Date(Date.parse(record.requestedAt) + KEPT_MS);
      await rows.replaceOne({ _id }, { ...record, clearAt }, { upsert: true });
    },
  };
}
