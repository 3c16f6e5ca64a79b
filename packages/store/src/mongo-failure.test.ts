import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import { isFailure } from '@muster/contracts';
import { isOnlyDuplicates, toFailure } from './mongo-failure.js';

const { MongoBulkWriteError, MongoNetworkError, MongoNetworkTimeoutError, MongoServerError } = mongoose.mongo;
const codeOf = (error: unknown): string => {
  const failure = toFailure(error);
  return isFailure(failure) ? `${failure.code} ${failure.retryable ? 'retryable' : 'final'}` : 'none';
};
/** `concern`: something of it is not on enough disks. */
const toBulk = (codes: number[], concern?: number) =>
  new MongoBulkWriteError(
    { message: 'bad', code: codes[0]!, writeErrors: codes.map((code, index) => ({ index, code }) as never) },
    { getWriteConcernError: () => concern && { code: concern } } as never,
  );
const reset = Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'write' });

describe('errors of MongoDB in our words', () => {
  it('a connection that breaks may come back, also where the driver passes on the error of the socket as it is', () => {
    assert.equal(codeOf(reset), 'store.unavailable retryable');
    for (const code of ['EPIPE', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'])
      assert.equal(
        codeOf(Object.assign(new Error(code), { code, errno: -1, syscall: 'connect' })),
        'store.unavailable retryable',
        code,
      );
  });

  it('what was under way when the monitor had no answer is a broken connection, too', () => {
    // Of the driver's own, which it does not export.
    class PoolCleared extends MongoNetworkError {
      override get name() {
        return 'PoolClearedOnNetworkError';
      }
    }
    for (const error of [
      new PoolCleared('interrupted due to server monitor timeout'),
      new MongoNetworkTimeoutError('timed out'),
      new MongoNetworkError('closed'),
    ])
      assert.equal(codeOf(error), 'store.unavailable retryable', error.name);
  });

  it('nor does a bulk of writes make more of it', () => {
    const bulk = new MongoBulkWriteError(
      { message: 'write ECONNRESET', code: 'ECONNRESET' as unknown as number, writeErrors: [] },
      {} as never,
    );
    assert.equal(codeOf(bulk), 'store.unavailable retryable');
  });

  it('a server that takes no writes for now, since its disk is full or it is read-only, will take them later', () => {
    for (const code of [14_031, 371, 8_000, 10_107]) {
      const error = new MongoServerError({ message: 'no', code });
      assert.equal(codeOf(error), 'store.unavailable retryable', String(code));
      assert.match(String(toFailure(error)), /takes no writes/, String(code));
    }
  });

  it('a bulk may pass when each of its errors may, but for inserts that lost a race', () => {
    assert.equal(codeOf(toBulk([11_000, 10_107])), 'store.unavailable retryable');
    assert.equal(codeOf(toBulk([14_031])), 'store.unavailable retryable');
    assert.equal(codeOf(toBulk([10_107, 121])), 'store.refused final');
    assert.equal(codeOf(toBulk([11_000])), 'store.refused final');
  });

  it('a login that Atlas refuses is none of its quotas, though it has their code', () => {
    const refused = new MongoServerError({ message: 'bad auth', code: 8_000 });
    refused.addErrorLabel('HandshakeError');
    assert.equal(codeOf(refused), 'store.refused final');
  });

  it('what the server refuses stays refused', () => {
    assert.equal(codeOf(new MongoServerError({ message: 'bad', code: 2 })), 'store.refused final');
    assert.equal(codeOf(new Error('a mistake of ours')), 'store.refused final');
    assert.equal(codeOf(toBulk([121])), 'store.refused final');
  });

  it('a bulk that is not safe has not only met keys that were there, and may pass', () => {
    assert.equal(isOnlyDuplicates(toBulk([11_000])), true);
    assert.equal(isOnlyDuplicates(toBulk([11_000, 121])), false);
    assert.equal(isOnlyDuplicates(toBulk([11_000], 64)), false);
    assert.equal(codeOf(toBulk([11_000], 64)), 'store.unavailable retryable');
    // As the driver tells it.
    const alone = new MongoBulkWriteError({ message: 'waiting', code: 64 }, toBulk([], 64).result);
    assert.deepEqual([isOnlyDuplicates(alone), codeOf(alone)], [false, 'store.unavailable retryable']);
    assert.equal(codeOf(toBulk([11_000], 100)), 'store.refused final');
  });
});
