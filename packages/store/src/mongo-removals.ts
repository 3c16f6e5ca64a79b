import type { Connection, mongo } from 'mongoose';
import type { HeldRemoval, RemovalWindow } from '@muster/contracts';
import { rowsOf, saveNext, toRecord, type Row } from './mongo-collections.js';
import type { RemovalsStore } from './store.js';

export function createRemovalsStore(connection: Connection): RemovalsStore {
  const windows = rowsOf<RemovalWindow>(connection, 'removals');
  const held = rowsOf<HeldRemoval>(connection, 'heldRemovals');
  const toId = ({ integrationId, userId }: Pick<HeldRemoval, 'integrationId' | 'userId'>): string =>
    `${integrationId}/${userId}`;
  return {
    window: async (integrationId) => {
      const row = await windows.findOne({ _id: integrationId });
      return row && toRecord<RemovalWindow>(row);
    },
    saveWindow: (window) => saveNext(windows, window.integrationId, window),
    hold: async (removals) => {
      if (removals.length === 0) return;
      const operations = removals.map((removal): mongo.AnyBulkWriteOperation<Row<HeldRemoval>> => {
        // Who is held already comes again only for a reason that weighs more.
        const update = { $set: { ...removal } };
        return { updateOne: { filter: { _id: toId(removal) }, update, upsert: true } };
      });
      await held.bulkWrite(operations, { ordered: false });
    },
    heldOf: async (integrationId, userIds) => {
      const named = userIds && { _id: { $in: userIds.map((userId) => toId({ integrationId, userId })) } };
      const found = await held.find({ integrationId, ...named }).toArray();
      return found.map((row) => toRecord<HeldRemoval>(row));
    },
    integrationsWithHeld: () => held.distinct('integrationId'),
    release: async (integrationId, userIds) => {
      await held.deleteMany({ _id: { $in: userIds.map((userId) => toId({ integrationId, userId })) } });
    },
  };
}
