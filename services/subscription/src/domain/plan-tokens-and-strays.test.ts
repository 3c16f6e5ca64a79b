import assert from 'node:assert/strict';
import type { SubscriptionRecord } from '@muster/contracts';
import fc from 'fast-check';
import { at, DAY, ID, live, MINUTE, NOW, ours, USERS } from '../../test/support/records.js';
import { findStrays, planSubscriptions, type Action, type Listed } from './plan-subscriptions.js';

const toText = (action: Action): string => ('reason' in action ? `${action.kind} for ${action.reason}` : action.kind);

describe('the plan for subscriptions of a delegated consent', () => {
  const planAt = (record: SubscriptionRecord, tokenSince: number | null): string[] =>
    planSubscriptions({ wanted: [USERS], recorded: [record], listed: null, now: NOW, ours, tokenSince }).map(toText);

  it('binds each to the new token once that was refreshed, within 10 min', () => {
    const bound = live(USERS, { createdAt: at(NOW - 20 * MINUTE), expiresAt: at(NOW + 28 * DAY) });
    assert.deepEqual(planAt(bound, NOW - 30 * MINUTE), []);
    assert.deepEqual(planAt(bound, null), []);
    assert.deepEqual(planAt(bound, NOW - MINUTE), ['renew for token refreshed']);
    assert.deepEqual(planAt({ ...bound, renewedAt: at(NOW - 5 * MINUTE) }, NOW - MINUTE), []);
    assert.deepEqual(planAt({ ...bound, renewedAt: at(NOW - 10 * MINUTE) }, NOW - MINUTE), [
      'renew for token refreshed',
    ]);
  });

  it('never sends two PATCHes within 10 min, and leaves none on an ended token, over a week', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 90 }), fc.nat(100), (tokenLife, share) => {
        let record = live(USERS, { createdAt: at(NOW), expiresAt: at(NOW + 28 * DAY) });
        // Created with a token that the heartbeat still found good.
        let tokenSince = NOW - Math.floor((share / 101) * (tokenLife - 15)) * MINUTE;
        let [patchedAt, boundTo] = [NOW, tokenSince];
        for (let now = NOW; now < NOW + 7 * DAY; now += MINUTE) {
          // The heartbeat refreshes 15 min ahead of the end.
          if (now >= tokenSince + (tokenLife - 15) * MINUTE) tokenSince = now;
          const [action] = planSubscriptions({
            wanted: [USERS],
            recorded: [record],
            listed: null,
            now,
            ours,
            tokenSince,
          });
          if (action) {
            assert.equal(action.kind, 'renew');
            assert.ok(now - patchedAt >= 10 * MINUTE);
            record = { ...record, renewedAt: at(now) };
            [patchedAt, boundTo] = [now, tokenSince];
          }
          assert.ok(now < boundTo + tokenLife * MINUTE, 'hangs on a token that has ended');
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('findStrays', () => {
  const item = (subscriptionId: string, notificationUrl = ours.notificationUrl): Listed => ({
    ...{ subscriptionId, resource: '/users', notificationUrl },
  });

  it('finds what stands under our address and in no record; others’ are none of our business', () => {
    const listed = [item(ID), item('stray'), item('other', 'https://elsewhere.example/')];
    assert.deepEqual(findStrays({ recorded: [live(USERS)], listed, ours }), [item('stray')]);
  });
});
