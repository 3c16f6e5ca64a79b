import assert from 'node:assert/strict';
import { Failure, type SubscriptionRecord } from '@muster/contracts';
import { apply, away, END, failedWith, known, live, NOW, OLD, refusal, renew } from '../test/support/apply.js';
import type { Action } from './domain/plan-subscriptions.js';

describe('a renewal whose answer was lost', () => {
  const unreached = new Failure('graph.unavailable', 'Graph cannot be reached', { retryable: true });
  const unread = new Failure('graph.malformed', 'no subscription', { retryable: true });
  const lost = [unreached, unread, refusal('graph.unavailable', 504), new TypeError('a bug')];
  const unsure = { ...known, unsureAt: new Date(NOW.getTime() - 60_000).toISOString() };
  const check = (record: SubscriptionRecord): Action => ({
    ...{ kind: 'check', record, subscriptionId: OLD, reason: 'answer lost' },
  });

  it('counts as made where the end has moved, without another', async () => {
    for (const error of lost) {
      const { record, calls } = await apply(renew(), { renew: error, read: { expiresAt: END } }, known);
      assert.deepEqual(calls, [`renew ${OLD}`, `read ${OLD}`]);
      assert.deepEqual(record, { ...known, expiresAt: END, renewedAt: NOW.toISOString() });
    }
  });

  it('stays unsure where it has not, or where Graph cannot be asked', async () => {
    for (const answers of [{}, { read: away }])
      for (const error of lost) {
        const { record, failure } = await apply(renew(), { renew: error, ...answers }, known);
        assert.deepEqual({ ...record, failure: null }, { ...known, unsureAt: NOW.toISOString() });
        assert.equal(failure?.count, 1);
      }
  });

  it('is none where Graph said that it did not make it', async () => {
    for (const error of [away, refusal('graph.throttled', 429)]) {
      const { record, calls } = await apply(renew(), { renew: error }, known);
      assert.deepEqual([calls, record?.unsureAt], [[`renew ${OLD}`], undefined]);
    }
  });

  it('is asked for again: renewed since it was sent, open still, or gone', async () => {
    const renewed = await apply(check(unsure), { read: { expiresAt: END } }, unsure);
    assert.deepEqual(renewed.record, { ...known, expiresAt: END, renewedAt: unsure.unsureAt });
    const open = await apply(check(unsure), {}, { ...unsure, failure: failedWith('graph.unavailable', 2) });
    assert.deepEqual([open.record?.unsureAt, open.failure?.code], [unsure.unsureAt, 'subscription.unsure']);
    const gone = await apply(check(unsure), { read: null }, unsure);
    assert.deepEqual([gone.record, gone.calls], [live, [`read ${OLD}`, 'create']]);
  });
});
