import assert from 'node:assert/strict';
import fc from 'fast-check';
import { candidateState, type RemovalCandidate, type SweepRecord } from '@muster/contracts';
import { toCandidatePage, toCoverageView } from './plan-schemas.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const sweep = (from: number, to: number, fields: Partial<SweepRecord> = {}): SweepRecord => ({
  sweepId: `${from}`,
  integrationId: 'i',
  tenantId: 't',
  from: at(from),
  to: at(to),
  state: 'covered',
  rows: 0,
  announced: 0,
  found: 0,
  lost: 0,
  worstDelayMs: 0,
  suspects: [],
  judgedAt: at(to),
  ...fields,
});

describe('toCoverageView', () => {
  it('joins sweeps of the same state that meet, and keeps a gap between them', () => {
    const sweeps = [sweep(0, 3), sweep(3, 6), sweep(6, 30, { state: 'blind' }), sweep(30, 33), sweep(40, 43)];
    const { intervals } = toCoverageView('i', at(0), sweeps);
    assert.deepEqual(
      intervals.map(({ from, to, state, sweeps: count }) => [from, to, state, count]),
      [
        [at(0), at(6), 'covered', 2],
        [at(6), at(30), 'blind', 1],
        [at(30), at(33), 'covered', 1],
        [at(40), at(43), 'covered', 1],
      ],
    );
  });

  it('counts what a sweep found that read on until then, though its interval ended before', () => {
    const view = toCoverageView('i', at(4), [
      sweep(0, 3, { announced: 18, readUntil: at(5) }),
      sweep(3, 6, { announced: 2 }),
    ]);
    assert.deepEqual([view.loss.announced, view.intervals.length, view.intervals[0]?.from], [20, 1, at(3)]);
  });

  it('tells the share that was lost, its worst delay, and what is not judged yet', () => {
    const sweeps = [
      sweep(0, 3, { announced: 90, found: 12, lost: 10, worstDelayMs: 170_000 }),
      sweep(3, 6, { announced: 0, found: 4, judgedAt: null }),
    ];
    const { loss } = toCoverageView('i', at(0), sweeps);
    assert.deepEqual(loss, { announced: 90, lost: 10, share: 0.1, worstDelayMs: 170_000, open: 4 });
    assert.equal(toCoverageView('i', at(0), []).loss.share, null);
  });
});

describe('people of a plan', () => {
  const candidates = fc
    .array(fc.constantFrom(...candidateState.options), { maxLength: 40 })
    .map((states) => states.map((state, at): RemovalCandidate => ({ userId: String(at), why: 'absent', state })));
  const wanted = fc.option(fc.constantFrom(...candidateState.options), { nil: undefined });

  it('are each on one page, in their order, also when more are added at the end meanwhile', () => {
    fc.assert(
      fc.property(candidates, candidates, wanted, fc.integer({ min: 1, max: 7 }), (list, later, state, limit) => {
        const seen: string[] = [];
        let from: number | null = 0;
        let known = list;
        while (from !== null) {
          const page = toCandidatePage(known, { state, from, limit });
          assert.ok(page.items.length <= limit);
          seen.push(...page.items.map(({ userId }) => userId));
          from = page.next;
          known = [...list, ...later.map((one) => ({ ...one, userId: `later ${one.userId}` }))];
        }
        const first = list.filter((one) => state === undefined || one.state === state).map(({ userId }) => userId);
        assert.deepEqual(seen.slice(0, first.length), first);
        assert.equal(new Set(seen).size, seen.length);
      }),
    );
  });
});
