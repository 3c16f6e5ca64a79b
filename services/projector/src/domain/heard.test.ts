import assert from 'node:assert/strict';
import type { NotificationEvent } from '@muster/contracts';
import fc from 'fast-check';
import { toHeard } from './heard.js';
import type { BatchEvent } from './plan-batch.js';

const notified = (entity: NotificationEvent['entity'], entityId: string, receivedAt: string): BatchEvent => ({
  kind: 'notification',
  event: { entity, entityId, receivedAt, integrationId: 'one' } as NotificationEvent,
});

describe('the last notification of each watch', () => {
  it('is the newest of a batch in any order; canaries are none', () => {
    const events = [
      notified('user', 'ada', '2026-01-01T08:00:01.000Z'),
      notified('user', 'eve', '2026-01-01T08:00:03.000Z'),
      notified('group', 'A', '2026-01-01T08:00:02.000Z'),
      notified('group', 'b', '2026-01-01T08:00:00.000Z'),
      notified('canary', '3', '2026-01-01T08:00:09.000Z'),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
        const heard = toHeard(shuffled).map(({ resource, receivedAt }) => [resource, receivedAt.slice(17, 19)]);
        assert.deepEqual(Object.fromEntries(heard), { '/users': '03', '/groups/a': '02', '/groups/b': '00' });
      }),
    );
  });
});
