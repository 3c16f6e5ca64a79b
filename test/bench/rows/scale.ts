import { randomUUID } from 'node:crypto';
import { round, type Context, type Measured, type Row } from '../row.js';
import { reconcile } from './full-reads.js';
import { bearNeighbours } from './neighbours.js';
import { ours, startPipeline } from './pipeline.js';
import { floorOf, readAll } from './reconciler.js';

export const rowsOfScale: readonly Row[] = [
  {
    id: 'S1',
    what: 'a tenant of 1,000,000: first load, MFA report (clock that jumps), notifications; peak memory beside a tenth',
    goal: 'memory flat (≤ 1.25 ×, ids apart) under --max-old-space-size=192; MFA ≤ 1.03 × the floor',
    limitMinutes: 8,
    run: loadMillion,
  },
  {
    id: 'S2',
    what: '300 integrations of 200 people; one floods; the others beside a quiet time. Besides: one whose Graph takes 1 s',
    goal: "others' p99 ≤ 1.5 × quiet",
    limitMinutes: 6,
    run: bearNeighbours,
  },
];

const MEMORY = ['--max-old-space-size=192'];
type Load = { people: number; seconds: number; drained: number; reconcilerMiB: number; projectorMiB: number };

async function loadMillion(context: Context): Promise<Measured> {
  const { million, tiny } = context.options;
  const sizes = [Math.round(million / 10), million];
  const loads: Load[] = [];
  for (const people of sizes) loads.push(await firstLoad(context, people));
  const mfa = await readAll(context, 'mfa', million);
  const floor = floorOf(mfa.pages);
  const told = await tellMany(context, tiny ? 1_000 : 100_000);
  const [tenth, whole] = loads as [Load, Load];
  const apart = ({ people, reconcilerMiB }: Load): number => reconcilerMiB - (people * 16) / 2 ** 20;
  const ratios = [apart(whole) / apart(tenth), whole.projectorMiB / tenth.projectorMiB];
  const each = loads.map(
    ({ people, seconds, reconcilerMiB, projectorMiB }) =>
      `${people}: ${round(seconds, 0)} s, ${round(reconcilerMiB, 0)} and ${round(projectorMiB, 0)} MiB`,
  );
  return {
    measured: `first load ${each.join('; ')} (reconciler ${round(ratios[0] ?? 0)} ×, projector ${round(ratios[1] ?? 0)} ×); MFA report ${round(mfa.virtualSeconds, 0)} s (${round(mfa.virtualSeconds / floor, 3)} × the floor); ${told.notifications} notifications ${round(told.seconds, 0)} s, projector ${round(told.projectorMiB, 0)} MiB`,
    met: Math.max(...ratios) <= 1.25 && mfa.virtualSeconds <= 1.03 * floor,
    samples: { loads, mfa: [mfa], notifications: [told] },
    notes: [
      'the first load goes through Kafka and the whole projector but its documents, which would fill the database at hand for longer than the rest of the bench; R8 has a first load into it',
    ],
  };
}

async function firstLoad(context: Context, people: number): Promise<Load> {
  const spec = { ...ours, nodeArgs: MEMORY, env: () => ({ STORE: 'none' }) };
  const pipeline = await startPipeline(context, 'S1', spec);
  try {
    const { seconds, peakMiB } = await reconcile(context, pipeline, { people });
    return { people, seconds, drained: seconds, reconcilerMiB: peakMiB, projectorMiB: pipeline.program.peakMiB() };
  } finally {
    await pipeline.stop();
  }
}

type Told = { notifications: number; seconds: number; projectorMiB: number };

/** Ten notifications for each person, one after the other, into the real database. */
async function tellMany(context: Context, notifications: number): Promise<Told> {
  const pipeline = await startPipeline(context, 'S1', { ...ours, nodeArgs: MEMORY });
  try {
    const people = Array.from({ length: Math.ceil(notifications / 10) }, () => randomUUID());
    const begun = performance.now();
    await pipeline.notify(Array.from({ length: notifications }, (_, index) => people[Math.floor(index / 10)] ?? ''));
    await pipeline.drained();
    const seconds = (performance.now() - begun) / 1_000;
    return { notifications, seconds, projectorMiB: pipeline.program.peakMiB() };
  } finally {
    await pipeline.stop();
  }
}
