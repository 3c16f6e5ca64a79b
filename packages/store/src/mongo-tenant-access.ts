import {
  permissionTable,
  tenantHealth,
  tokenCacheRecord,
  type PermissionTable,
  type TenantHealth,
  type TokenCacheRecord,
} from '@muster/contracts';
import type { Connection } from 'mongoose';
import { rowsOf } from './mongo-collections.js';
import type { PermissionTablesStore, TenantHealthStore, TokenCachesStore } from './store.js';

export function createTokenCachesStore(connection: Connection): TokenCachesStore {
  const rows = rowsOf<TokenCacheRecord>(connection, 'tokenCaches');
  return {
    get: async (integrationId) => {
      const row = await rows.findOne({ _id: integrationId });
      return row && tokenCacheRecord.parse(row);
    },
    put: async (record) => {
      await rows.replaceOne({ _id: record.integrationId }, { ...record }, { upsert: true });
    },
    replace: async (record, version) => {
      const result = await rows.replaceOne({ _id: record.integrationId, version }, { ...record });
      return result.matchedCount === 1;
    },
    remove: async (integrationId) => {
      await rows.deleteOne({ _id: integrationId });
    },
  };
}

export function createTenantHealthStore(connection: Connection): TenantHealthStore {
  const rows = rowsOf<TenantHealth>(connection, 'tenantHealth');
  return {
    save: async (record) => {
      const _id = `${record.integrationId}/${record.service}`;
      await rows.replaceOne({ _id }, { ...record }, { upsert: true });
    },
    ofIntegration: async (integrationId) =>
      (await rows.find({ integrationId }).sort({ _id: 1 }).toArray()).map((row) => tenantHealth.parse(row)),
  };
}

export function createPermissionTablesStore(connection: Connection): PermissionTablesStore {
  const rows = rowsOf<PermissionTable>(connection, 'permissionTables');
  return {
    get: async (integrationId) => {
      const row = await rows.findOne({ _id: integrationId });
      return row && permissionTable.parse(row);
    },
    save: async (table) => {
      await rows.replaceOne({ _id: table.integrationId }, { ...table }, { upsert: true });
    },
  };
}
