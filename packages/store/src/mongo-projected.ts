import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import { inChunks, ON_DISK, toChunks, type Row, type Rows } from './mongo-collections.js';
import { isOnlyDuplicates, toFailure, toWriteErrors } from './mongo-failure.js';
import { toChange, toKept, type KeptPending } from './pending-change.js';
import type { Base, GuardedWrite, Projected, Stored } from './store.js';

/** What every projected document has. */
export type Guarded = { revision: number; observedAt: string; changedAt: string };

/** Kept beside the document's own fields; never answered to readers. */
export type Beside = {
  pending?: KeptPending;
  /** When the pending change was decided: leftovers are published oldest first. Absent with `pending`. */
  pendingAt?: string;
  facts?: unknown;
  searchTerms?: string[];
  /** Of the bulk that wrote last: tells whose write went through, since a bulk answers only counts. */
  writeToken?: string | null;
};
export type ProjectedRow<T> = Row<T & Guarded & Beside>;

export const HIDDEN = { pending: 0, pendingAt: 0, facts: 0, searchTerms: 0, writeToken: 0 } as const;

export function toDocument<T>(row: ProjectedRow<T>): T {
  const document: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) if (name !== '_id' && !(name in HIDDEN)) document[name] = value;
  return document as T;
}

/** Two that change facts alone keep revision and perhaps `observedAt`: only `version` tells the second of the first. */
const toGuard = (
  id: string,
  { revision, version }: Base<unknown>,
  observedAt: string,
): mongo.Filter<Row<Guarded & Beside>> => ({
  _id: id,
  revision,
  observedAt: { $lte: observedAt },
  ...(version === undefined ? {} : { writeToken: version }),
});

/** All fields, or those that are others than in the document that the guard makes sure of: the fewer, the cheaper. */
function onlyChanged<T extends object>(document: T, base: T | undefined): Partial<T> {
  if (base === undefined) return document;
  const changed: Partial<T> = {};
  for (const name in document) if (!isDeepStrictEqual(document[name], base[name])) changed[name] = document[name];
  return changed;
}

type Options<T> = {
  /** What a document is found by. */
  search?: { fields: readonly (keyof T & string)[]; toTerms: (document: T) => string[] };
  /** The highest revisions of this collection's documents in the history of the feed. */
  lastTold: (ids: readonly string[]) => Promise<Map<string, number>>;
};
type Operation = mongo.AnyBulkWriteOperation<Row<Guarded & Beside>>;

/** The part that `users` and `mfa` share: guarded writes, and the change that waits to be told. */
export function createProjected<T extends Guarded, F>(
  rows: Rows<T & Guarded & Beside>,
  { search, lastTold }: Options<T>,
): Projected<T, F> {
  // The driver's filter types cannot see through a type parameter; these fields are in every row.
  const plain = rows as unknown as Rows<Guarded & Beside>;

  function toOperation(write: GuardedWrite<T, F>, writeToken: string): Operation {
    const facts = write.facts === undefined ? {} : { facts: write.facts };
    if (write.kind === 'touch') {
      const { id, base, observedAt } = write;
      // A change that was told, and waits again since a crash took its clearing back, has the document of then.
      const filter = { ...toGuard(id, base, observedAt), pending: { $exists: false } };
      return { updateOne: { filter, update: { $set: { observedAt, writeToken, ...facts } } } };
    }
    const { id, document } = write;
    const pending = toKept(write.pending);
    const changed = onlyChanged(document, write.kind === 'update' ? write.base.document : undefined);
    const isFoundByOther = search?.fields.some((name) => name in changed) ?? false;
    const terms = search && isFoundByOther ? { searchTerms: search.toTerms(document) } : {};
    const fields = { ...changed, ...facts, ...terms, pending, pendingAt: document.changedAt, writeToken };
    if (write.kind === 'insert') return { insertOne: { document: { _id: id, ...(fields as T & Beside) } } };
    const filter = toGuard(id, write.base, document.observedAt);
    return { updateOne: { filter, update: { $set: fields } } };
  }

  /** A bulk tells how many matched, not which: only when some did not, the rows are asked whose write they carry. */
  async function findRefused(ids: readonly string[], writeToken: string): Promise<string[]> {
    const written = await inChunks(ids, (some) =>
      plain.find({ _id: { $in: [...some] } }, { projection: { writeToken: 1 } }).toArray(),
    );
    const mine = new Set(written.filter((row) => row.writeToken === writeToken).map((row) => row._id));
    return ids.filter((id) => !mine.has(id));
  }

  return {
    load: async (ids) => {
      const found = await inChunks(ids, (some) =>
        rows.find({ _id: { $in: [...some] } } as mongo.Filter<Row<T & Guarded & Beside>>).toArray(),
      );
      return new Map(found.map((row) => [row._id, toStored<T, F>(row as unknown as ProjectedRow<T>)]));
    },

    write: async (writes) => {
      if (writes.length === 0) return { refused: [] };
      const writeToken = randomBytes(6).toString('base64url');
      const operations = writes.map((write) => toOperation(write, writeToken));
      const { matched, duplicates } = await runBulk(plain, operations);
      const refused = duplicates.flatMap((index) => writes[index]?.id ?? []);
      const updates = writes.filter((write) => write.kind !== 'insert').map((write) => write.id);
      if (matched < updates.length) refused.push(...(await findRefused(updates, writeToken)));
      return { refused };
    },

    published: async (changes) => {
      if (changes.length === 0) return;
      // One update for all of a revision: after a full read that is one for many.
      const byRevision = new Map<number, string[]>();
      for (const { id, revision } of changes) {
        const ids = byRevision.get(revision);
        if (ids) ids.push(id);
        else byRevision.set(revision, [id]);
      }
      const operations = [...byRevision].flatMap(([revision, ids]) =>
        toChunks(ids).map((some): Operation => {
          const filter = { _id: { $in: some }, revision };
          return { updateMany: { filter, update: { $unset: { pending: '', pendingAt: '' } } } };
        }),
      );
      // What is lost of it in a crash is told once more, the same: it need not wait for the disk.
      await plain.bulkWrite(operations, { ordered: false, writeConcern: { ...ON_DISK, journal: false } });
    },

    leftovers: async (limit) => {
      const waiting = await plain
        .find({ pendingAt: { $gt: '' } }, { projection: { facts: 0, searchTerms: 0 } })
        .sort({ pendingAt: 1 })
        .limit(limit)
        .toArray();
      return waiting.flatMap((row) => {
        const { pending } = toStored(row as unknown as ProjectedRow<T>);
        return pending ? [{ id: row._id, pending }] : [];
      });
    },

    get: async (id) => {
      const row = await plain.findOne({ _id: id }, { projection: HIDDEN });
      return row && toDocument<T>(row as unknown as ProjectedRow<T>);
    },

    lastTold,
  };
}

function toStored<T, F>(row: ProjectedRow<T>): Stored<T, F> {
  const document = toDocument<T>(row);
  return {
    document,
    pending: row.pending ? toChange(row.pending, document) : null,
    facts: (row.facts as F | undefined) ?? null,
    version: row.writeToken ?? null,
  };
}

/** Duplicate keys are inserts that lost a race; any other error of an operation is a failure of the bulk. */
async function runBulk(
  rows: Rows<Guarded & Beside>,
  operations: Operation[],
): Promise<{ matched: number; duplicates: number[] }> {
  try {
    const result = await rows.bulkWrite(operations, { ordered: false });
    return { matched: result.matchedCount, duplicates: [] };
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw toFailure(error);
    const { matchedCount } = (error as mongo.MongoBulkWriteError).result;
    return { matched: matchedCount, duplicates: (toWriteErrors(error) ?? []).map(({ index }) => index) };
  }
}
