import assert from 'node:assert/strict';
import { toProgress } from './progress.js';

const now = new Date('2026-03-01T08:01:00.000Z');
const run = {
  kind: 'users' as const,
  state: 'running' as const,
  rows: 2_000,
  pages: 2,
  expectedRows: 8_000,
  startedAt: '2026-03-01T08:00:00.000Z',
  publishedAt: null,
  projectedPartitions: 0,
  partitions: 12,
};

describe('toProgress', () => {
  it('goes by the pace so far', () => {
    assert.deepEqual(toProgress(run, null, now), {
      phase: 'reading',
      share: 0.25,
      etaMs: 180_000,
      endsAt: '2026-03-01T08:04:00.000Z',
    });
  });

  it("goes by the reconciler's forecast, which knows the budget, where there is one", () => {
    const told = toProgress({ ...run, pagesEndAt: '2026-03-01T08:31:00.000Z' }, null, now);
    assert.deepEqual([told?.etaMs, told?.endsAt], [1_800_000, '2026-03-01T08:31:00.000Z']);
    assert.equal(toProgress({ ...run, pagesEndAt: '2026-03-01T08:00:30.000Z' }, null, now)?.etaMs, 0);
  });

  it('of the MFA report goes by the last one, and is never faster than Graph answers', () => {
    const fast = { ...run, kind: 'mfa' as const, expectedRows: null, startedAt: '2026-03-01T08:00:59.000Z' };
    assert.equal(toProgress(fast, 80_000, now)?.etaMs, 78 * 2_000);
    assert.deepEqual(toProgress(fast, null, now), { phase: 'reading', share: null, etaMs: null, endsAt: null });
  });

  it('is not done while it reads, however many there are', () => {
    assert.equal(toProgress({ ...run, rows: 9_000 }, null, now)?.share, 0.99);
    assert.equal(toProgress({ ...run, rows: 0 }, null, now)?.etaMs, null);
  });

  it('follows the projector behind the last page, and ends with the read', () => {
    const published = { ...run, state: 'published' as const, publishedAt: '2026-03-01T08:00:50.000Z' };
    assert.deepEqual(toProgress({ ...published, projectedPartitions: 6 }, null, now), {
      phase: 'projecting',
      share: 0.5,
      etaMs: 10_000,
      endsAt: '2026-03-01T08:01:10.000Z',
    });
    assert.equal(toProgress({ ...run, state: 'complete' }, null, now), null);
  });
});
