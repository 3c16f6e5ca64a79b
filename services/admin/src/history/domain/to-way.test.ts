import assert from 'node:assert/strict';
import { toWay } from './to-way.js';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1, 8) + ms).toISOString();
const change = { observedAt: at(2_300), changedAt: at(2_900), feedAt: at(2_950) };

describe('the way of a change as it is shown', () => {
  it('begins with the change at Microsoft where a notification told it', () => {
    const way = {
      source: 'notification',
      eventTime: at(0),
      receivedAt: at(2_000),
      takenAt: at(2_050),
      readAt: at(2_800),
    } as const;
    assert.deepEqual(toWay({ ...change, way }), {
      source: 'notification',
      steps: [
        { step: 'happened', at: at(0), ms: null },
        { step: 'notified', at: at(2_000), ms: 2_000 },
        { step: 'taken', at: at(2_050), ms: 50 },
        { step: 'read', at: at(2_800), ms: 750 },
        { step: 'written', at: at(2_900), ms: 100 },
        { step: 'told', at: at(2_950), ms: 50 },
      ],
    });
  });

  it('of a sweep begins with the read, which was before the projector took it', () => {
    const { source, steps } = toWay({ ...change, way: { source: 'delta', takenAt: at(2_600) } });
    assert.equal(source, 'delta');
    assert.deepEqual(
      steps.map(({ step, ms }) => [step, ms]),
      [
        ['read', null],
        ['taken', 300],
        ['written', 300],
        ['told', 50],
      ],
    );
  });

  it('of before begins with the read, and a clock that is ahead makes no step negative', () => {
    const { source, steps } = toWay({ ...change, feedAt: at(0) });
    assert.equal(source, null);
    assert.deepEqual(
      steps.map(({ step, ms }) => [step, ms]),
      [
        ['read', null],
        ['written', 600],
        ['told', 0],
      ],
    );
  });
});
