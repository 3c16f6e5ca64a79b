import type { Connection, mongo } from 'mongoose';
import type { SnapshotRecord } from '@muster/contracts';
import { clearRows, isDuplicate, olderThan, rowsOf, toRecord, type Row } from './mongo-collections.js';
import { isOnlyDuplicates } from './mongo-failure.js';
import type { SnapshotsStore } from './reconciler-store.js';
import type { GroupDocument, GroupsStore, LeasesStore } from './store.js';

export function createSnapshotsStore(connection: Connection): SnapshotsStore {
  const rows = rowsOf<SnapshotRecord>(connection, 'snapshots');
  const newest = (filter: mongo.Filter<Row<SnapshotRecord>>, limit: number): Promise<Row<SnapshotRecord>[]> =>
    rows.find(filter).sort({ startedAt: -1, _id: -1 }).limit(limit).toArray();
  return {
    insert: async (record) => {
      await rows.insertOne({ _id: record.snapshotId, ...record });
    },
    update: async (snapshotId, fields) => {
      if (Object.keys(fields).length === 0) return;
      await rows.updateOne({ _id: snapshotId }, { $set: fields as mongo.MatchKeysAndValues<Row<SnapshotRecord>> });
    },
    projected: async (snapshotId, partition, at) => {
      await rows.updateOne({ _id: snapshotId }, { $set: { [`projected.${partition}`]: at } });
    },
    get: async (snapshotId) => {
      const row = await rows.findOne({ _id: snapshotId });
      return row && toRecord<SnapshotRecord>(row);
    },
    newest: async (integrationId, limit, { kind, before } = {}) => {
      const older = before && olderThan('startedAt', { at: before.startedAt, id: before.snapshotId });
      const filter = { integrationId, ...(kind === undefined ? {} : { kind }), ...older } as mongo.Filter<
        Row<SnapshotRecord>
      >;
      return (await newest(filter, limit)).map((row) => toRecord<SnapshotRecord>(row));
    },
    last: async (integrationId, kind, states) => {
      const [row] = await newest({ integrationId, kind, state: { $in: [...states] } }, 1);
      return row ? toRecord<SnapshotRecord>(row) : null;
    },
    clear: async (integrationId, before, limit) => {
      const kinds = ['users', 'mfa'] as const;
      const last = await Promise.all(kinds.map((kind) => newest({ integrationId, kind, state: 'complete' }, 1)));
      return clearRows(rows, {
        filter: {
          ...{ integrationId, startedAt: { $lt: before }, state: { $in: ['complete', 'failed'] } },
          _id: { $nin: last.flat().map(({ _id }) => _id) },
        },
        limit,
      });
    },
  };
}

type GroupRow = GroupDocument & { removed: boolean };

/** A group that left stays as a mark, so that an older observation does not bring it back. */
export function createGroupsStore(connection: Connection): GroupsStore {
  const rows = rowsOf<GroupRow>(connection, 'groups');
  async function saveNewer(documents: readonly GroupRow[]): Promise<void> {
    if (documents.length === 0) return;
    const operations = documents.map((document): mongo.AnyBulkWriteOperation<Row<GroupRow>> => {
      const filter = { _id: `${document.tenantId}/${document.groupId}`, observedAt: { $lte: document.observedAt } };
      return { updateOne: { filter, update: { $set: { ...document } }, upsert: true } };
    });
    await rows.bulkWrite(operations, { ordered: false }).catch((error: unknown) => {
      if (!isOnlyDuplicates(error)) throw error;
    });
  }
  return {
    ofTenant: async (tenantId) =>
      (await rows.find({ tenantId, removed: false }).sort({ _id: 1 }).toArray()).map(
        ({ groupId, displayName, groupPath, observedAt }) => ({
          tenantId,
          groupId,
          displayName,
          groupPath,
          observedAt,
        }),
      ),
    save: (documents) => saveNewer(documents.map((document) => ({ ...document, removed: false }))),
    remove: (groups) =>
      saveNewer(groups.map((group) => ({ ...group, displayName: null, groupPath: [], removed: true }))),
  };
}

type LeaseRow = { holder: string; expiresAt: Date };

/** A lease that lasts longer than any was ever given for is of a clock that was wrong: nobody waits for that time to come. */
const MOST_SKEW_MS = 10_000;

export function createLeasesStore(connection: Connection, now: () => Date): LeasesStore {
  const rows = rowsOf<LeaseRow>(connection, 'leases');
  return {
    acquire: async (name, holder, forMs) => {
      const at = now();
      const ofAnotherTime = new Date(at.getTime() + 2 * forMs + MOST_SKEW_MS);
      const isFree = [{ expiresAt: { $lte: at } }, { expiresAt: { $gt: ofAnotherTime } }];
      const mine = { _id: name, $or: [{ holder }, ...isFree] };
      const expiresAt = new Date(at.getTime() + forMs);
      try {
        await rows.updateOne(mine, { $set: { holder, expiresAt } }, { upsert: true });
        return true;
      } catch (error) {
        // Held by another: the upsert tried to insert beside it.
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    release: async (name, holder) => {
      await rows.deleteOne({ _id: name, holder });
    },
  };
}
