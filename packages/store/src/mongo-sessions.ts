import type { Connection } from 'mongoose';
import type { SessionRecord, SessionSubject, SessionsStore } from './access-store.js';
import { rowsOf, type Row } from './mongo-collections.js';

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
      return row && toSession(row);
    },
    touch: async (sessionHash, { expiresAt, ...fields }) => {
      await rows.updateOne({ _id: sessionHash }, { $set: { ...fields, expiresAt: new Date(expiresAt) } });
    },
    remove: async (sessionHash) => {
      await rows.deleteOne({ _id: sessionHash });
    },
    removePerson: async (tenantId, userId) => {
      const own = { 'subject.tenantId': tenantId, 'subject.userId': userId };
      const ofLinks = { 'subject.maker.tenantId': tenantId, 'subject.maker.userId': userId };
      return (await rows.deleteMany({ $or: [own, ofLinks] })).deletedCount;
    },
  };
}

/** A session of an older version has no subject: it is over, and its holder signs in again. */
function toSession(row: Row<SessionRow>): SessionRecord | null {
  const { sessionHash, createdAt, seenAt, expiresAt, endsAt, provedAt } = row;
  const subject = row.subject as SessionSubject | undefined;
  return subject === undefined
    ? null
    : { sessionHash, subject, createdAt, seenAt, expiresAt: expiresAt.toISOString(), endsAt, provedAt };
}
