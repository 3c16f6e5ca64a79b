import assert from 'node:assert/strict';
import { afterPart, estimateBehind, isBurst, NO_BURST } from './burst.js';

const most = 60;
/** `people` every `everyMs`; answers how many of them are read one by one. */
function readOf(count: number, { people, everyMs, behind = 0 }: { people: number; everyMs: number; behind?: number }) {
  let state = NO_BURST;
  let read = 0;
  for (let index = 0; index < count; index += 1) {
    const answer = isBurst(state, { people, behind, at: index * everyMs, most });
    state = answer.state;
    if (!answer.burst) read += people;
  }
  return read;
}

describe('a burst of one tenant', () => {
  it('is not seen in 100 changes a second: everyone is read at once', () => {
    assert.equal(readOf(1_000, { people: 1, everyMs: 10 }), 1_000);
    assert.equal(readOf(100, { people: 10, everyMs: 100 }), 1_000);
  });

  it('is seen in small batches that follow each other fast: of 10,000 people few are read', () => {
    assert.ok(readOf(1_000, { people: 10, everyMs: 5 }) <= most);
  });

  it('is seen at once where much waits behind a batch', () => {
    assert.equal(readOf(20, { people: 10, everyMs: 50, behind: 1_000 }), 0);
  });

  it('ends a second after the last that was too much', () => {
    const { state } = isBurst(NO_BURST, { people: 100, behind: 0, at: 0, most });
    assert.deepEqual(
      [500, 999, 1_000].map((at) => isBurst(state, { people: 1, behind: 0, at, most }).burst),
      [true, true, false],
    );
  });

  it('does not wait for a time to come again when the clock was set back', () => {
    const { state } = isBurst(NO_BURST, { people: 100, behind: 0, at: 3_600_000, most });
    assert.equal(isBurst(state, { people: 1, behind: 0, at: 0, most }).burst, false);
  });

  it('lasts as long again as its part of a batch kept others waiting, but for who only waited along', () => {
    const { state } = isBurst(NO_BURST, { people: 20, behind: 0, at: 0, most });
    const isLeftAt = (at: number, read: number, [ms, writeMs]: [number, number]): boolean =>
      isBurst(afterPart(state, { read, ms, writeMs, at: 4_000 }), { people: 1, behind: 0, at, most }).burst;
    assert.deepEqual([isLeftAt(6_999, 20, [3_000, 0]), isLeftAt(7_000, 20, [3_000, 0])], [true, false]);
    assert.deepEqual([isLeftAt(4_001, 20, [999, 249]), isLeftAt(4_001, 4, [3_000, 3_000])], [false, false]);
    assert.deepEqual([isLeftAt(4_299, 20, [300, 250]), isLeftAt(4_300, 20, [300, 250])], [true, false]);
  });

  it('counts behind a batch by its share', () => {
    assert.equal(estimateBehind(1_000, { read: 50, events: 500 }), 100);
    assert.equal(estimateBehind(1_000, { read: 0, events: 0 }), 0);
  });
});
