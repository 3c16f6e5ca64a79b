import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createClockSkew } from './clock-skew.js';

const HOUR = 3_600_000;

/** An answer of a Graph whose clock is `behind` ms behind ours, as its `Date` (whole seconds) shows it. */
const sample = (behind: number, sentAt: number, { there = 20, back = 20 } = {}) => ({
  sentAt,
  receivedAt: sentAt + there + back,
  date: Math.floor((sentAt + there - behind) / 1_000) * 1_000,
});

describe('clock skew', () => {
  it('is not known before the first answer', () => assert.equal(createClockSkew().value(), null));

  it('is 0 while the clocks may agree, whatever the journey and the part of the second', () => {
    const journeys = fc.array(fc.tuple(fc.nat(100_000), fc.nat(2_000), fc.nat(2_000)), { minLength: 1 });
    fc.assert(
      fc.property(journeys, (answers) => {
        const skew = createClockSkew();
        for (const [at, there, back] of answers) skew.observe(sample(0, 1_700_000_000_000 + at, { there, back }));
        assert.equal(skew.value(), 0);
      }),
    );
  });

  it('finds the difference of two clocks within the journey after a few answers', () => {
    for (const behind of [7_000, -7_000, 1_500, -90_000]) {
      const skew = createClockSkew();
      for (let step = 0; step < 60; step += 1) skew.observe(sample(behind, 1_700_000_000_000 + step * 137));
      const seen = skew.value() ?? Number.NaN;
      assert.ok(Math.abs(seen - behind) <= 200, `${behind} seen as ${seen}`);
    }
  });

  it('is never further from the truth than a second and the last journey', () => {
    const journeys = fc.array(fc.tuple(fc.nat(100_000), fc.nat(2_000), fc.nat(2_000)), { minLength: 1 });
    fc.assert(
      fc.property(fc.integer({ min: -HOUR, max: HOUR }), journeys, (behind, answers) => {
        const skew = createClockSkew();
        for (const [at, there, back] of answers) {
          skew.observe(sample(behind, 1_700_000_000_000 + at, { there, back }));
          const seen = skew.value() ?? Number.NaN;
          assert.ok(Math.abs(seen - behind) <= 1_000 + there + back, `${behind} seen as ${seen}`);
          // Never corrected to the other side, nor past the truth.
          assert.ok(Math.abs(seen) <= Math.abs(behind) && seen * behind >= 0, `${behind} seen as ${seen}`);
        }
      }),
    );
  });

  it('is not known by answers of more than ten minutes ago, nor after the clock was set back by more', () => {
    const at = 1_700_000_000_000;
    const skew = createClockSkew();
    skew.observe(sample(8_000, at));
    for (const [minutes, known] of [
      [0, true],
      [9, true],
      [11, false],
      [-9, true],
      [-11, false],
    ] as const)
      assert.equal(skew.value(at + minutes * 60_000) !== null, known, `${minutes} min later`);
    skew.observe(sample(0, at + 3_600_000));
    assert.equal(skew.value(at + 3_601_000), 0);
    assert.equal(skew.value(), 0, 'observations go by what is known');
  });

  it('goes with our clock when that is set, before any answer tells', () => {
    let ahead = 0;
    const skew = createClockSkew(() => ahead);
    skew.observe(sample(0, 1_700_000_000_000));
    for (const shift of [HOUR, -HOUR]) {
      ahead = shift;
      assert.ok(Math.abs((skew.value() ?? Number.NaN) - shift) <= 1_100, `${shift} seen as ${skew.value()}`);
      skew.observe(sample(shift, 1_700_000_000_000 + shift));
      assert.ok(Math.abs((skew.value() ?? Number.NaN) - shift) <= 1_100, `${shift} seen as ${skew.value()}`);
    }
    ahead = 0;
    assert.ok(Math.abs(skew.value() ?? Number.NaN) <= 1_100, `0 seen as ${skew.value()}`);
  });

  it('believes the newest answer when a clock was set', () => {
    const skew = createClockSkew();
    skew.observe(sample(60_000, 1_700_000_000_000));
    skew.observe(sample(0, 1_700_000_001_000));
    assert.equal(skew.value(), 0);
  });
});
