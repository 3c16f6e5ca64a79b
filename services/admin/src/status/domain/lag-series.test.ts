import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LAG_BOUNDS_MS, LAG_STEPS, toLagBucket, type LagStep } from '@muster/contracts';
import { chooseStep, SERIES_STEPS_MS, toLagSeries, type SeriesStep } from './lag-series.js';

const HOUR = 3_600_000;

describe('lag over time', () => {
  it('tells percentiles of what was measured, and nothing of what was not', () => {
    const none = (): number[] => [...LAG_BOUNDS_MS, 0].map(() => 0);
    const counts = Object.fromEntries(LAG_STEPS.map((step) => [step, none()])) as Record<LagStep, number[]>;
    for (const ms of [40, 40, 900]) counts.ours[toLagBucket(ms)]! += 1;
    const [point] = toLagSeries([{ at: '2026-03-01T08:00:00.000Z', counts }]);
    assert.deepEqual(point?.steps, [{ step: 'ours', count: 3, p50: 50, p95: 1_000, p99: 1_000 }]);
  });

  it('is never finer than asked, and never more than a chart can show', () => {
    const steps = Object.keys(SERIES_STEPS_MS) as SeriesStep[];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 192 * HOUR }), fc.option(fc.constantFrom(...steps)), (span, asked) => {
        const step = chooseStep(span, asked ?? undefined);
        assert.ok(span / SERIES_STEPS_MS[step] <= 1_000);
        if (asked) assert.ok(SERIES_STEPS_MS[step] >= SERIES_STEPS_MS[asked]);
      }),
    );
    assert.equal(chooseStep(HOUR, undefined), '1m');
    assert.equal(chooseStep(192 * HOUR, '1m'), '15m');
  });
});
