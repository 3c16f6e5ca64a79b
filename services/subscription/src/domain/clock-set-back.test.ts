import assert from 'node:assert/strict';
import type { SubscriptionRecord } from '@muster/contracts';
import { mayReauthorise, planSubscriptions, toRetryAt, toWish } from './plan-subscriptions.js';
import { at, live, MINUTE, NOW, ours, USERS } from '../../test/support/records.js';

/** As a clock wrote it that was an hour ahead. */
const AHEAD = NOW + 60 * MINUTE;
const failure = { code: 'graph.unavailable', message: 'in words', at: at(AHEAD), count: 5 };
const planFor = (record: SubscriptionRecord, tokenSince: number | null = null): string[] =>
  planSubscriptions({ wanted: [USERS], recorded: [record], listed: null, now: NOW, ours, tokenSince }).map((action) =>
    action.kind === 'remove' ? 'remove' : `${action.kind} for ${action.reason}`,
  );

describe('subscriptions, once the clock was set back', () => {
  it('are tried again though they failed, or Graph asked for a wait, while it was ahead', () => {
    const failed = live(USERS, { failure });
    assert.deepEqual(planFor(failed), ['renew for failed before']);
    assert.ok(toRetryAt(failed, NOW)! <= NOW);
    assert.deepEqual(planFor({ ...failed, status: 'refused' }), ['renew for failed before']);
    const throttled = { ...failure, notBefore: at(AHEAD + MINUTE) };
    assert.deepEqual(planFor(live(USERS, { failure: throttled })), ['renew for failed before']);
  });

  it('wait as ever behind the clock of another copy that is a little ahead', () => {
    const failed = live(USERS, { failure: { ...failure, at: at(NOW + 1_000) } });
    assert.deepEqual(planFor(failed), []);
    const renewed = live(USERS, { renewedAt: at(NOW + 1_000) });
    assert.equal(mayReauthorise(renewed, NOW, 0), false);
  });

  it('are renewed and looked up by what is known since', () => {
    for (const fields of [{ renewedAt: at(AHEAD) }, { createdAt: at(AHEAD) }]) {
      const record = live(USERS, fields);
      assert.ok(mayReauthorise(record, NOW, 0));
      const event = { lifecycleEvent: 'reauthorizationRequired' as const, receivedAt: at(NOW) };
      assert.deepEqual(toWish(record, event, NOW), { reauthoriseWantedAt: at(NOW) });
      const wished = { ...record, reauthoriseWantedAt: at(NOW) };
      assert.deepEqual(planFor(wished), ['renew for reauthorizationRequired']);
      assert.deepEqual(planFor(record, NOW - MINUTE), ['renew for token refreshed']);
    }
    assert.ok(mayReauthorise(live(USERS, { unsureAt: at(AHEAD) }), NOW, 0));
    assert.deepEqual(planFor(live(USERS, { unsureAt: at(AHEAD) })), []);
    const removed = live(USERS, { createdAt: at(AHEAD), recreateWantedAt: at(NOW) });
    assert.deepEqual(planFor(removed), ['create for subscriptionRemoved']);
  });
});
