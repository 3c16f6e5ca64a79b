import type { Connection, mongo } from 'mongoose';
import {
  KEY_SCOPES,
  type ApiKeyRecord,
  type ApiKeysStore,
  type AuditRecord,
  type AuditStore,
  type OnceStore,
} from './access-store.js';
import { isDuplicate, rowsOf, toRecord, type Row } from './mongo-collections.js';

/** Keys made before scopes and expiry have none of these. */
const WITHOUT = { scopes: KEY_SCOPES, expiresAt: null, lastUsedAt: null };

export function createApiKeysStore(connection: Connection): ApiKeysStore {
  const rows = rowsOf<ApiKeyRecord>(connection, 'apiKeys');
  const toKey = (row: Row<ApiKeyRecord>): ApiKeyRecord => ({ ...WITHOUT, ...toRecord<ApiKeyRecord>(row) });
  return {
    byHash: async (hash) => {
      const row = await rows.findOne({ hash });
      return row && toKey(row);
    },
    insert: async (record) => {
      await rows.insertOne({ _id: record.keyId, ...record });
    },
    all: async () => (await rows.find({}).sort({ createdAt: 1 }).toArray()).map((row) => toKey(row as never)),
    used: async (keyId, at) => {
      await rows.updateOne({ _id: keyId }, { $set: { lastUsedAt: at } });
    },
    remove: async (keyId) => (await rows.deleteOne({ _id: keyId })).deletedCount === 1,
  };
}

export function createOnceStore(connection: Connection): OnceStore {
  const rows = rowsOf<{ clearAt: Date }>(connection, 'usedOnce');
  return {
    use: async (id, until) => {
      try {
        await rows.insertOne({ _id: id, clearAt: until });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
  };
}

type AuditRow = AuditRecord & { clearAt: Date };

export function createAuditStore(connection: Connection): AuditStore {
  const rows = rowsOf<AuditRow>(connection, 'audit');
  return {
    insert: async (record) => {
      await rows.insertOne({ _id: record.auditId, ...record, clearAt: new Date(Date.parse(record.at) + KEPT_MS) });
    },
    page: async ({ integrationId, actor, action, outcome, before, limit }) => {
      const filter: mongo.Filter<Row<AuditRow>> = {
        ...(integrationId === undefined ? {} : { integrationId }),
        ...(actor === undefined ? {} : { actor }),
        ...(action === undefined ? {} : { action }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(before === undefined ? {} : { _id: { $lt: before } }),
      };
      const found = await rows.find(filter).sort({ _id: -1 }).limit(limit).toArray();
      return found.map((row) => {
        const { clearAt: _, ...record } = toRecord<AuditRow>(row);
        return record;
      });
    },
  };
}

const KEPT_MS = 400 * 86_400_000;
