import type { Connection } from 'mongoose';
import { rowsOf } from './mongo-collections.js';
import type { SessionRecord, SessionsStore } from './store.js';

/** `expiresAt` is a date here, so that the server clears sessions away by itself. */
type SessionRow = Omit<SessionRecord, 'expiresAt'> & { expiresAt: Date };

export function createSessionsStore(connection: Connection): SessionsStore {
  const rows = rowsOf<SessionRow>(connection, 'sessions');
  return {
    insert: async (record) => {
      await rows.insertOne({ _id: record.sessionHash, ...record, expiresAt: new Date(record.expiresAt) });
    },
    get: async (sessionHash) => {
      const row = await rows.findOne({ _id: sessionHash });
      if (!row) return null;
      const { keyHash, createdAt, expiresAt } = row;
      return { sessionHash, keyHash, createdAt, expiresAt: expiresAt.toISOString() };
    },
    remove: async (sessionHash) => {
      await rows.deleteOne({ _id: sessionHash });
    },
  };
}
