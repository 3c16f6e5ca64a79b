import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSetBackDetector } from './watch-clock.js';

describe('a clock that is set back', () => {
  const look = (steps: readonly { passed: number; jump: number }[]): boolean[] => {
    let [monotonic, shift] = [50, 1_000_000];
    const wasSetBack = createSetBackDetector({ wall: () => monotonic + shift, monotonic: () => monotonic });
    return steps.map(({ passed, jump }) => {
      monotonic += passed;
      shift += jump;
      return wasSetBack();
    });
  };

  it('is told once for each jump back of more than a second, however long nobody looked', () => {
    const step = fc.record({
      passed: fc.integer({ min: 0, max: 10_000_000 }),
      jump: fc.oneof(fc.integer({ min: -1_000, max: 10_000_000 }), fc.integer({ min: -10_000_000, max: -1_001 })),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) =>
        assert.deepEqual(
          look(steps),
          steps.map(({ jump }) => jump < -1_000),
        ),
      ),
    );
  });
});
