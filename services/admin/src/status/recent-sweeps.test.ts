import assert from 'node:assert/strict';
import type { SweepRecord } from '@muster/contracts';
import fc from 'fast-check';
import { toLoss } from '../plans/plan-schemas.js';
import { createRecentSweeps } from './recent-sweeps.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

type Step = { announced: number; found: number; lost: number; judges: number; passes: number; hours: number };
const step: fc.Arbitrary<Step> = fc.record({
  announced: fc.integer({ min: 0, max: 2 }),
  found: fc.integer({ min: 0, max: 2 }),
  lost: fc.integer({ min: 0, max: 2 }),
  judges: fc.integer({ min: 0, max: 3 }),
  passes: fc.integer({ min: 1, max: 400 }),
  hours: fc.integer({ min: 0, max: 1 }),
});

/** One sweep follows the other; those that found somebody are judged behind a later one. */
function createWorld() {
  const rows = new Map<string, SweepRecord>();
  let minute = 0;
  let elapsed = 0;
  const read: number[] = [];
  const since = (_: string, from: string) => {
    const found = [...rows.values()].filter(({ to }) => to >= from);
    read.push(found.length);
    return Promise.resolve(found);
  };
  const recent = createRecentSweeps({ since }, () => elapsed);
  return {
    read,
    sweep: ({ announced, found, lost, judges, passes, hours }: Step): void => {
      const from = at(minute);
      minute += passes;
      elapsed += hours * 3_600_000;
      const open = [...rows.values()].filter(({ judgedAt }) => judgedAt === null).slice(0, judges);
      for (const one of open) rows.set(one.sweepId, { ...one, lost: Math.min(lost, one.found), judgedAt: at(minute) });
      const judgedAt = found === 0 ? at(minute) : null;
      rows.set(from, {
        sweepId: from,
        to: at(minute),
        announced,
        found,
        lost: 0,
        worstDelayMs: 0,
        judgedAt,
      } as SweepRecord);
    },
    since: () => at(minute - 1_440),
    losses: async () => {
      const day = at(minute - 1_440);
      return [toLoss(await recent('i', day)), toLoss([...rows.values()].filter(({ to }) => to >= day))];
    },
  };
}

describe('the sweeps of a day, for who asks every few seconds', () => {
  it('say the same loss as all of them read anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = createWorld();
        for (const one of steps) {
          world.sweep(one);
          const [kept, anew] = await world.losses();
          assert.deepEqual(kept, anew);
        }
      }),
    );
  });

  it('are read once: afterwards those that are new, and those that were not judged', async () => {
    const world = createWorld();
    const quiet = { announced: 0, found: 0, lost: 0, judges: 0, passes: 3, hours: 0 };
    for (let times = 0; times < 200; times += 1) world.sweep(quiet);
    await world.losses();
    world.sweep({ ...quiet, found: 1 });
    await world.losses();
    for (let times = 0; times < 3; times += 1) world.sweep(quiet);
    await world.losses();
    world.sweep({ ...quiet, judges: 1, lost: 1 });
    await world.losses();
    await world.losses();
    assert.deepEqual(world.read, [200, 2, 4, 5, 1]);
  });
});
