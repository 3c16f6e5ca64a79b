import assert from 'node:assert/strict';
import { SUBSCRIPTION_EVENTS, subscriptionEvent, type SubscriptionEvent } from '@muster/contracts';
import fc from 'fast-check';
import { addEvent } from './subscription-events.js';

type Done = Parameters<typeof addEvent>[1];
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1_000);
const run = (all: readonly Done[]) =>
  all.reduce<SubscriptionEvent[]>((events, done, index) => addEvent(events, done, at(index)), []);
const done = fc.record({
  kind: fc.constantFrom('create' as const, 'renew' as const, 'sweep' as const),
  reason: fc.constantFrom('due', 'subscriptionRemoved'),
  failure: fc.constantFrom(null, 'graph.forbidden', 'graph.unavailable'),
});

describe('the history of a subscription', () => {
  it('is newest first, loses nothing but what is old, and never grows beyond its bound', () => {
    fc.assert(
      fc.property(fc.array(done, { maxLength: 120 }), (all) => {
        const events = run(all);
        assert.ok(events.length <= SUBSCRIPTION_EVENTS);
        for (const event of events) subscriptionEvent.parse(event);
        const times = events.map(({ at: one }) => one);
        assert.deepEqual(times, times.toSorted().reverse());
        if (events.length < SUBSCRIPTION_EVENTS)
          assert.equal(
            events.reduce((sum, event) => sum + event.times, 0),
            all.length,
          );
      }),
    );
  });

  it('a failure that stays is one event with its first and last time; what went well is told each time', () => {
    const refused = { kind: 'create', reason: 'due', failure: 'graph.forbidden' } as const;
    const fine = { ...refused, failure: null };
    assert.deepEqual(run([refused, refused, refused]), [
      { ...refused, at: at(0).toISOString(), lastAt: at(2).toISOString(), times: 3 },
    ]);
    assert.equal(run([fine, fine]).length, 2);
  });
});
