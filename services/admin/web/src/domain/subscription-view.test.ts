import assert from 'node:assert/strict';
import type { SubscriptionEvent } from './api-types.js';
import { listEvents, toWatchName } from './subscription-view.js';

const event = (at: string, over: Partial<SubscriptionEvent> = {}): SubscriptionEvent => ({
  ...{ at, times: 1, kind: 'renew', reason: 'due', failure: null },
  ...over,
});

describe('subscriptions as they are shown', () => {
  it('the history of all is one list, newest first; what repeats counts by its last time', () => {
    const items = [
      { resource: '/users', events: [event('2026-01-01T10:00:00Z'), event('2026-01-01T08:00:00Z')] },
      { resource: '/groups/a', events: [event('2026-01-01T07:00:00Z', { lastAt: '2026-01-01T09:00:00Z', times: 9 })] },
    ];
    assert.deepEqual(
      listEvents(items).map(({ resource, at }) => [resource, at.slice(11, 13)]),
      [
        ['/users', '10'],
        ['/groups/a', '07'],
        ['/users', '08'],
      ],
    );
  });

  it('the chosen group is told from those inside it', () => {
    assert.equal(toWatchName('/users', null), 'People');
    assert.equal(toWatchName('/groups/a', 'a'), 'The chosen group');
    assert.equal(toWatchName('/groups/b', 'a'), 'A nested group');
  });
});
