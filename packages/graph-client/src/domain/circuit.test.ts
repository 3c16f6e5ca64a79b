import assert from 'node:assert/strict';
import fc from 'fast-check';
import { admit, CLOSED, onTrouble, onWell, type Circuit, type Trouble } from './circuit.js';

const storm: Trouble = { kind: 'storm', retryAfterMs: 0 };
const refused: Trouble = { kind: 'refused', retryAfterMs: 0 };
const times = (circuit: Circuit, trouble: Trouble, count: number, now = 0): Circuit =>
  Array.from({ length: count }).reduce<Circuit>((next) => onTrouble(next, trouble, now), circuit);

describe('the quarantine of a tenant', () => {
  it('begins at once with a refused secret, with the fifth fault in a row, or with a long Retry-After', () => {
    assert.equal(onTrouble(CLOSED, refused, 0).state, 'open');
    assert.equal(times(CLOSED, storm, 4).state, 'closed');
    assert.equal(times(CLOSED, storm, 5).state, 'open');
    assert.equal(onTrouble(CLOSED, { kind: 'storm', retryAfterMs: 30_000 }, 0).state, 'open');
  });

  it('does not begin with faults among good answers, nor with rare ones', () => {
    let circuit: Circuit = CLOSED;
    for (let round = 0; round < 20; round += 1) circuit = onWell(times(circuit, storm, 4), 0);
    assert.equal(circuit.state, 'closed');
    for (let round = 0; round < 20; round += 1) circuit = onTrouble(circuit, storm, round * 61_000);
    assert.equal(circuit.state, 'closed');
  });

  it('refuses until its time, then lets one through, and heals by one good answer', () => {
    const open = onTrouble(CLOSED, refused, 0);
    assert.deepEqual([admit(open, 4_999).admitted, admit(open, 4_999).retryAfterMs], [false, 1]);
    const probing = admit(open, 5_000);
    assert.equal(probing.admitted, true);
    assert.equal(admit(probing.circuit, 5_001).admitted, false, 'only one probe at a time');
    assert.equal(onWell(probing.circuit, 5_002).state, 'closed');
  });

  it('takes longer each time a probe fails, up to a bound, and obeys Retry-After', () => {
    fc.assert(
      fc.property(fc.constantFrom('storm', 'refused', 'consent'), fc.nat(60_000), (kind, retryAfterMs) => {
        const trouble = { kind, retryAfterMs } as const;
        let circuit: Circuit = times(CLOSED, trouble, 5);
        let [now, last] = [0, 0];
        for (let round = 0; round < 12; round += 1) {
          assert.ok(circuit.state === 'open');
          const pause = circuit.until - now;
          assert.ok(pause >= last && pause >= retryAfterMs && pause <= Math.max(120_000, retryAfterMs));
          [last, now] = [pause, circuit.until];
          circuit = onTrouble(admit(circuit, now).circuit, trouble, now);
        }
      }),
    );
  });

  it('obeys any Retry-After to its end, and does not wait longer when the clock was set back', () => {
    const DAY = 86_400_000;
    fc.assert(
      fc.property(
        fc.integer({ min: 5_001, max: DAY }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: DAY }),
        (retryAfterMs, share, back) => {
          const open = onTrouble(CLOSED, { kind: 'storm', retryAfterMs }, DAY);
          const later = DAY + Math.floor(share * retryAfterMs);
          assert.equal(admit(open, later).admitted, false, `${later - DAY} of ${retryAfterMs} ms`);
          assert.equal(admit(open, DAY + retryAfterMs).admitted, true);
          assert.equal(admit(open, DAY - back).admitted, true, `set back by ${back} ms`);
          const again = onTrouble(open, { kind: 'storm', retryAfterMs }, later);
          assert.equal(admit(again, later + retryAfterMs - 1).admitted, false, 'asked for again by a call under way');
        },
      ),
    );
  });

  it('does not wait for ever for a probe that never ends', () => {
    const probing = admit(onTrouble(CLOSED, refused, 0), 5_000).circuit;
    assert.equal(admit(probing, 65_000).admitted, true);
  });
});
