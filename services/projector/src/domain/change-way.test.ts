import assert from 'node:assert/strict';
import type { NotificationEvent } from '@muster/contracts';
import { toChangeWay } from './change-way.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 8, 0, second)).toISOString();
const notified = (receivedAt: string, eventTime?: string) =>
  ({ receivedAt, ...(eventTime && { eventTime }) }) as NotificationEvent;
const times = { takenAt: new Date(at(10)), readAt: new Date(at(11)) };

describe('the way of a change', () => {
  it('of several notifications behind one read it is that of the first, however they are ordered', () => {
    const events = [notified(at(5), at(4)), notified(at(3), at(1)), notified(at(7))];
    const way = { source: 'notification', eventTime: at(1), receivedAt: at(3), takenAt: at(10), readAt: at(11) };
    assert.deepEqual(toChangeWay(events, [], times), way);
    assert.deepEqual(toChangeWay(events.toReversed(), [], times), way);
  });

  it('leaves out the time that Graph does not tell', () => {
    assert.equal('eventTime' in toChangeWay([notified(at(3))], [], times)!, false);
  });

  it('who was named and not read came by what another service saw last', () => {
    const seen = [
      { observedAt: at(9), source: 'delta' as const },
      { observedAt: at(2), source: 'full' as const },
    ];
    const way = { source: 'delta', takenAt: at(10) };
    assert.deepEqual(toChangeWay([notified(at(3))], seen, { ...times, readAt: null }), way);
    assert.equal(toChangeWay([], [], times), undefined);
  });
});
