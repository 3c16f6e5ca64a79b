import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { toProblem } from '../http/problem.js';
import { askMicrosoft } from './graph-of-integration.js';

const answer = async (failure: Failure) => {
  const thrown: unknown = await askMicrosoft(() => Promise.reject(failure)).catch((error: unknown) => error);
  const { status, detail, headers } = toProblem(thrown);
  return { status, detail, headers };
};

describe('asking Microsoft on behalf of a route', () => {
  it('what is refused for good is 409 with the cure', async () => {
    const { status, detail } = await answer(new Failure('graph.forbidden', 'no', { retryable: false }));
    assert.equal(status, 409);
    assert.match(detail, /refuses this read.*Grant/);
  });

  it('a credential that cannot be opened is 409 with the cure, though it is found out before anything is asked', async () => {
    const lost = (): never => {
      throw new Failure('seal.unknown-key', 'no', { retryable: false });
    };
    const thrown: unknown = await askMicrosoft(lost).catch((error: unknown) => error);
    const { status, detail } = toProblem(thrown);
    assert.equal(status, 409);
    assert.match(detail, /MUSTER_KEYS no longer holds\. Add that key/);
  });

  it('what passes is 503, and says when to try again', async () => {
    const throttled = await answer(new Failure('graph.throttled', 'no', { retryable: true, retryAfterMs: 17_200 }));
    assert.deepEqual(throttled, {
      status: 503,
      detail: 'Microsoft Graph is throttling this app. Try again in 18 seconds.',
      headers: { 'Retry-After': '18' },
    });
    const away = await answer(new Failure('graph.unavailable', 'no', { retryable: true }));
    assert.deepEqual([away.status, away.headers], [503, { 'Retry-After': '5' }]);
    assert.match(away.detail, /Microsoft Graph does not answer/);
    const store = await answer(new Failure('store.unavailable', 'no', { retryable: true }));
    assert.match(store.detail, /MongoDB does not answer/);
  });
});
