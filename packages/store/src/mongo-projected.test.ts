import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import type { DirectoryChange } from '@muster/contracts';
import type { Rows } from './mongo-collections.js';
import { createProjected, type Beside, type Guarded } from './mongo-projected.js';

/** A bulk of which an insert met its key, and the rest is not safe. */
const toUnsafe = (concern: { code: number } | undefined) =>
  new mongoose.mongo.MongoBulkWriteError(
    { message: 'duplicate', code: 11_000, writeErrors: [{ index: 0, code: 11_000 } as never] },
    { matchedCount: 1, getWriteConcernError: () => concern } as never,
  );

describe('a bulk of guarded writes', () => {
  const document = { revision: 1, observedAt: '2026-01-01T00:00:00.000Z', changedAt: '2026-01-01T00:00:00.000Z' };
  const insert = { kind: 'insert', id: 'one', document, facts: {}, pending: { data: {} } as DirectoryChange } as const;
  const toCollection = (error: Error) => {
    const rows = { bulkWrite: () => Promise.reject(error) } as unknown as Rows<Guarded & Beside>;
    return createProjected<Guarded, object>(rows, { lastTold: () => Promise.resolve(new Map()) });
  };

  it('refuses an insert whose key is there', async () => {
    assert.deepEqual(await toCollection(toUnsafe(undefined)).write([insert]), { refused: ['one'] });
  });

  it('fails, and may be tried again, when the others are not on enough disks', async () => {
    await assert.rejects(toCollection(toUnsafe({ code: 64 })).write([insert]), {
      code: 'store.unavailable',
      retryable: true,
    });
  });
});
