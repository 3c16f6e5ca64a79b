import fc from 'fast-check';
import { DAY, MINUTE } from './model-world.js';

/** One thing that happens to one tenant. */
export type Step =
  | { kind: 'wait'; ms: number }
  | { kind: 'look'; inventory: boolean }
  | { kind: 'reauthorize' }
  | { kind: 'lose' }
  | { kind: 'group'; chosen: boolean }
  | { kind: 'pause'; paused: boolean }
  | { kind: 'outage'; away: boolean }
  /** Calls whose answer is lost. */
  | { kind: 'drop'; answers: number }
  /** Killed between the answer to a PATCH and the write of its record. */
  | { kind: 'die'; writes: number }
  | { kind: 'restart' }
  | { kind: 'rotate' };

/** Waits as long as they matter for pauses between calls. */
const shortly = fc.integer({ min: 1_000, max: 12 * MINUTE });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: MINUTE, max: 6 * DAY }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1_000, max: 20 * MINUTE }) }),
  fc.record({ kind: fc.constant('look' as const), inventory: fc.boolean() }),
  fc.constant({ kind: 'reauthorize' as const }),
  fc.constant({ kind: 'lose' as const }),
  fc.record({ kind: fc.constant('group' as const), chosen: fc.boolean() }),
  fc.record({ kind: fc.constant('pause' as const), paused: fc.boolean() }),
  fc.record({ kind: fc.constant('outage' as const), away: fc.boolean() }),
  fc.record({ kind: fc.constant('drop' as const), answers: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('die' as const), writes: fc.integer({ min: 1, max: 2 }) }),
  fc.constant({ kind: 'restart' as const }),
  fc.constant({ kind: 'rotate' as const }),
);

const steps = fc.array(step, { maxLength: 40 });
/** Graph asks for a PATCH whose answers, or the records of it, are lost, and the looks go on. */
const lost: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), answers: fc.integer({ min: 1, max: 4 }) }),
  fc.constant({ kind: 'die' as const, writes: 1 }),
);
const lostAnswers: fc.Arbitrary<Step[]> = fc
  .tuple(lost, fc.array(shortly, { minLength: 1, maxLength: 6 }))
  .map(([losing, waits]) => [
    { kind: 'look', inventory: false },
    { kind: 'wait', ms: 11 * MINUTE },
    losing,
    { kind: 'reauthorize' },
    ...waits.flatMap((ms): Step[] => [
      { kind: 'wait', ms },
      { kind: 'look', inventory: false },
    ]),
  ]);
/** What happens to one tenant, one after the other. */
export const histories = fc.oneof(
  steps,
  fc.tuple(steps, lostAnswers, steps).map((parts) => parts.flat()),
);
