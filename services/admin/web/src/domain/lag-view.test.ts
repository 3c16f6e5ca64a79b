import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Lag, LagStep } from './api-types.js';
import { toProgress, toStrip, toWaterfall } from './lag-view.js';

const lag = (step: LagStep, p95: number | null): Lag => ({ step, count: 1, p50: p95, p95, p99: p95 });
const START = Date.parse('2026-11-25T00:00:00Z');
const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

describe('waterfall', () => {
  it('each step begins where the one before ends, and together they fill the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 1e6 })), { minLength: 5, maxLength: 5 }), (values) => {
        const steps = ['graph', 'kafka', 'read', 'document', 'feed'] as const;
        const rows = toWaterfall(
          steps.map((step, index) => lag(step, values[index] ?? null)),
          'p95',
        );
        let end = 0;
        for (const { from, width } of rows) {
          assert.ok(Math.abs(from - end) < 1e-9 && width >= 0);
          end = from + width;
        }
        const isEmpty = values.every((value) => (value ?? 0) === 0);
        assert.ok(Math.abs(end - (isEmpty ? 0 : 100)) < 1e-6);
      }),
    );
  });

  it('Microsoft’s share that is not known stays unknown and takes no room', () => {
    const [graph, kafka] = toWaterfall([lag('kafka', 10)], 'p95');
    assert.deepEqual([graph!.ms, graph!.width, kafka!.from, kafka!.width], [null, 0, 0, 100]);
  });
});

describe('coverage strip', () => {
  it('parts never overlap, and add up to the whole time', () => {
    const minutes = fc.integer({ min: -30, max: 150 });
    fc.assert(
      fc.property(fc.array(fc.tuple(minutes, fc.integer({ min: 1, max: 60 }))), (spans) => {
        const sorted = spans.toSorted(([one], [other]) => one - other);
        const intervals = sorted.map(([from, length]) => ({ from: at(from), to: at(from + length), state: 'covered' }));
        const parts = toStrip(intervals, at(0), at(120));
        const sum = parts.reduce((total, { share }) => total + share, 0);
        assert.ok(Math.abs(sum - 100) < 1e-6);
        for (const [index, part] of parts.entries())
          assert.equal(part.from, index === 0 ? at(0) : parts[index - 1]!.to);
      }),
    );
  });

  it('what no interval covers is not proved, never covered', () => {
    const parts = toStrip([{ from: at(0), to: at(30), state: 'blind' }], at(0), at(60));
    assert.deepEqual(
      parts.map(({ state, share }) => [state, share]),
      [
        ['blind', 50],
        ['unproved', 50],
      ],
    );
  });
});

describe('progress of a read', () => {
  it('the rest takes as long as its share of what is done', () => {
    const read = { rows: 250, expectedRows: 1_000, startedAt: at(0) };
    assert.deepEqual(toProgress(read, new Date(at(1))), { share: 0.25, etaMs: 180_000 });
  });

  it('is not guessed without a count, or before the first row', () => {
    const startedAt = at(0);
    assert.deepEqual(toProgress({ rows: 5, expectedRows: null, startedAt }, new Date(at(1))), {
      share: null,
      etaMs: null,
    });
    assert.equal(toProgress({ rows: 0, expectedRows: 10, startedAt }, new Date(at(1))).etaMs, null);
  });
});
