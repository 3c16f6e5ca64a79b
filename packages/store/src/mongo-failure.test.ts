import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import { isFailure } from '@muster/contracts';
import { toFailure } from './mongo-failure.js';

const { MongoBulkWriteError, MongoServerError } = mongoose.mongo;
const codeOf = (error: unknown): string => {
  const failure = toFailure(error);
  return isFailure(failure) ? `${failure.code} ${failure.retryable ? 'retryable' : 'final'}` : 'none';
};
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

  it('nor does a bulk of writes make more of it', () => {
    const bulk = new MongoBulkWriteError(
      { message: 'write ECONNRESET', code: 'ECONNRESET' as unknown as number, writeErrors: [] },
      {} as never,
    );
    assert.equal(codeOf(bulk), 'store.unavailable retryable');
  });

  it('what the server refuses stays refused', () => {
    assert.equal(codeOf(new MongoServerError({ message: 'bad', code: 2 })), 'store.refused final');
    assert.equal(codeOf(new Error('a mistake of ours')), 'store.refused final');
    const bulk = new MongoBulkWriteError(
      { message: 'bad', code: 121, writeErrors: [{ index: 0, code: 121 } as never] },
      {} as never,
    );
    assert.equal(codeOf(bulk), 'store.refused final');
  });
});
