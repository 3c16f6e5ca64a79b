import assert from 'node:assert/strict';
import { observeMoves, toBacklog, withoutFullReads, type Moves, type Waiting } from './backlog.js';

const waiting = (committedOffset: string, ageMs: number, partition = 3): Waiting => ({
  topic: 'notifications',
  partition,
  waiting: 5,
  committedOffset,
  ageMs,
});
/** What is told after looks at these times. */
function look(...looks: [at: number, waiting: Waiting[]][]) {
  let moves: Moves = new Map();
  for (const [at, seen] of looks) moves = observeMoves(moves, seen, at);
  const [at, seen] = looks.at(-1)!;
  return toBacklog(moves, seen, at);
}

describe('backlog', () => {
  it('is stuck while the committed offset stays, and not any more when it moves', () => {
    assert.equal(look([0, [waiting('7', 10_000)]], [80_000, [waiting('7', 90_000)]]).stuckMs, 80_000);
    assert.equal(look([0, [waiting('7', 10_000)]], [80_000, [waiting('8', 90_000)]]).stuckMs, 0);
    assert.equal(look([0, [waiting('7', 10_000)]], [40_000, []], [80_000, [waiting('7', 1_000)]]).stuckMs, 0);
  });

  it('of an idle partition is not stuck for longer than its oldest has waited', () => {
    assert.equal(look([0, [waiting('7', 500)]], [80_000, [waiting('7', 500)]]).stuckMs, 500);
  });

  it('is as old as the oldest of all partitions; nothing waits: 0', () => {
    const two = look([0, [waiting('7', 1_000), waiting('9', 9_000, 4)]]);
    assert.deepEqual([two.waiting, two.oldestMs, two.partitions.length], [10, 9_000, 2]);
    assert.deepEqual(look([0, []]), { waiting: 0, oldestMs: 0, stuckMs: 0, partitions: [] });
  });

  it('without what full reads told is what waits on the other topics', () => {
    const all = look([0, [waiting('7', 1_000), { ...waiting('9', 9_000), topic: 'observations' }]]);
    const { waiting: count, oldestMs, partitions } = withoutFullReads(all);
    assert.deepEqual([count, oldestMs, partitions.map(({ topic }) => topic)], [5, 1_000, ['notifications']]);
  });
});
