import assert from 'node:assert/strict';
import { mayForget } from './may-forget.js';

const now = new Date('2026-01-01T12:00:00Z');
const ago = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString();

describe('forgetting credentials', () => {
  it('waits until nothing is left that they could unsubscribe', () => {
    const removed = { state: 'removed' as const, updatedAt: ago(5) };
    assert.equal(mayForget(removed, [], now), true);
    assert.equal(mayForget(removed, [{ expiresAt: ago(-60) }], now), false, 'still subscribed');
    assert.equal(mayForget(removed, [{ expiresAt: ago(1) }, { expiresAt: null }], now), true, 'over at Microsoft too');
    assert.equal(mayForget({ ...removed, updatedAt: ago(4) }, [], now), false, 'just removed');
    assert.equal(mayForget({ state: 'paused', updatedAt: ago(60) }, [], now), false);
  });
});
