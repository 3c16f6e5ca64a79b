import type { Connection } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { rowsOf } from './mongo-collections.js';
import type { AnnouncedStore } from './store.js';

/** One of a batch, so that a burst costs few writes; cleared away a day after `at`. */
type AnnouncedRow = { integrationId: string; userIds: string[]; at: Date };

export function createAnnouncedStore(connection: Connection): AnnouncedStore {
  const rows = rowsOf<AnnouncedRow>(connection, 'announced');
  return {
    add: async ({ integrationId, userIds, at }) => {
      await rows.insertOne({ _id: randomUUID(), integrationId, userIds: [...userIds], at });
    },
    oldest: async (integrationId, since) => {
      const [row] = await rows
        .find({ integrationId, at: { $gte: since } }, { projection: { at: 1 } })
        .sort({ at: 1 })
        .limit(1)
        .toArray();
      return row?.at ?? null;
    },
    since: async (integrationId, since) => {
      const people = new Set<string>();
      for await (const { userIds } of rows.find({ integrationId, at: { $gte: since } }))
        for (const userId of userIds) people.add(userId);
      return people;
    },
  };
}
