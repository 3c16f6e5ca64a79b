import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fewSamples } from '../options.js';
import { round, type Context, type Measured, type Row } from '../row.js';
import { median, medianRatio } from '../statistics.js';
import { runOnce } from '../run-once.js';
import { raw, startPipeline, withPair, type Pipeline } from './pipeline.js';
import { compareLatency } from './receive-to-document.js';

export const rowsOfProjector: readonly Row[] = [
  {
    id: 'R5',
    what: 'projector, messages/s, Graph answers at once, every document changes; raw consumer',
    goal: '≥ 0.8, ≤ 2 × its CPU a message',
    limitMinutes: 20,
    run: compareThroughput,
  },
  {
    id: 'R6',
    what: 'resource units of Graph a change: single, in a burst; reads a person when told ten times and shuffled',
    goal: '≤ 1.1 / ≤ 0.02 / ≤ 1.05',
    run: countUnits,
  },
  {
    id: 'R7',
    what: 'POST → document at 100/s, Graph takes 20 ms; a bare server that produces, and raw loop with the same 20 ms',
    goal: 'p50 ≤ 45 ms, p99 ≤ 150 ms, ≤ 1.5 × raw',
    run: compareLatency,
  },
  {
    id: 'R11',
    what: 'catch-up: queued notifications, ten for each person; raw loop',
    goal: '≤ 1.5 × raw; the lag only falls',
    limitMinutes: 10,
    run: compareCatchUp,
  },
];

const newIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** The raw loop with what a change that is told costs at the least: the floor. */
const told = { ...raw, env: () => ({ TOLD: '1' }) };

type Sample = { perSecond: number; cpuMicroseconds: number };

/** How often everyone changes before anything is measured: programs get faster until their code is compiled. */
const WARM_UPS = 4;

/** All have seen everyone before; then each sample changes everyone once more. */
async function compareThroughput(context: Context): Promise<Measured> {
  const { messages, samples, tiny } = context.options;
  const userIds = newIds(messages);
  const sample = async ({ program, notify, drained }: Pipeline): Promise<Sample> => {
    const [cpu, begun] = [program.cpu(), performance.now()];
    await notify(userIds);
    await drained();
    const seconds = (performance.now() - begun) / 1_000;
    return {
      perSecond: round(messages / seconds, 0),
      cpuMicroseconds: round(((program.cpu() - cpu) * 1e6) / messages, 1),
    };
  };
  return withPair(context, 'R5', 0, async (pair) => {
    const floor = await startPipeline(context, 'R5', told);
    const taken = { ours: [] as Sample[], baseline: [] as Sample[], told: [] as Sample[] };
    try {
      const sides = [
        [pair.ours, taken.ours],
        [pair.baseline, taken.baseline],
        [floor, taken.told],
      ] as const;
      for (let turn = 0; turn < (tiny ? 1 : WARM_UPS); turn += 1) for (const [side] of sides) await sample(side);
      for (let turn = 0; turn < samples; turn += 1)
        for (const [side, samplesOf] of sides) samplesOf.push(await sample(side));
    } finally {
      await floor.stop();
    }
    const speed = (side: Sample[]): number[] => side.map(({ perSecond }) => perSecond);
    const cpu = (side: Sample[]): number[] => side.map(({ cpuMicroseconds }) => cpuMicroseconds);
    const ratio = medianRatio(speed(taken.ours), speed(taken.baseline));
    const cpuRatio = medianRatio(cpu(taken.ours), cpu(taken.baseline));
    return {
      measured: `${round(ratio)} (${median(speed(taken.ours))} to ${median(speed(taken.baseline))}/s); CPU ${round(cpuRatio)} × (${median(cpu(taken.ours))} to ${median(cpu(taken.baseline))} µs)`,
      met: ratio >= 0.8 && cpuRatio <= 2,
      samples: taken,
      notes: [
        'Graph is answered inside the projector, and nobody is left to a sweep: its HTTP client is not in this figure, nor a read in the raw loop',
        `the floor, a raw loop whose documents can be searched, and found until they are told: ${median(speed(taken.told))}/s, ${median(cpu(taken.told))} µs; ${round(medianRatio(speed(taken.ours), speed(taken.told)))} and CPU ${round(medianRatio(cpu(taken.ours), cpu(taken.told)))} × beside it`,
        'the raw loop writes under our indexes and waits for the disk, as we do',
      ],
    };
  });
}

type Units = {
  single: { withoutGroup: number; withGroup: number };
  burst: { units: number; sweeps: number };
  repeats: number;
};

async function countUnits({ servers, options }: Context): Promise<Measured> {
  const changes = options.tiny ? 1_000 : 10_000;
  const units = await runOnce<Units>(servers, {
    file: 'services/projector/dist/test/units.fixture.js',
    env: { KAFKA_BROKERS: servers.kafkaBrokers, MONGODB_URI: servers.mongodbUri, CHANGES: String(changes) },
  });
  const { single, burst, repeats } = units;
  return {
    measured: `${round(single.withoutGroup)}, with a group ${round(single.withGroup)}; ${round(burst.units, 4)} in a burst of ${changes} (${burst.sweeps} sweeps); ${round(repeats)} reads`,
    met: Math.max(single.withoutGroup, single.withGroup) <= 1.1 && burst.units <= 0.02 && repeats <= 1.05,
    samples: { ours: [units] },
    notes: ['settle passes apart; of a burst the sweeps are counted, and their pages computed: 200 changes each'],
  };
}

/** All is queued faster than anybody projects it. */
async function compareCatchUp(context: Context): Promise<Measured> {
  const { queued: total } = context.options;
  const people = newIds(Math.max(1, Math.floor(total / 10)));
  const queue = Array.from({ length: total }, (_, index) => people[index % people.length] ?? '');
  let bumps = 0;
  const sample = async ({ notify, lag }: Pipeline, counts: boolean): Promise<number> => {
    const begun = performance.now();
    await notify(queue);
    let before = Number.POSITIVE_INFINITY;
    for (let left = await lag(); left > 0; left = await lag()) {
      if (counts && left > before) bumps += 1;
      before = left;
      await sleep(50);
    }
    return round((performance.now() - begun) / 1_000);
  };
  return withPair(context, 'R11', 0, async (pair) => {
    const floor = await startPipeline(context, 'R11', told);
    const taken = { ours: [] as number[], baseline: [] as number[], told: [] as number[] };
    try {
      for (const side of [pair.ours, pair.baseline, floor]) await sample(side, false);
      for (let turn = 0; turn < fewSamples(context.options, 2); turn += 1) {
        taken.ours.push(await sample(pair.ours, true));
        taken.baseline.push(await sample(pair.baseline, false));
        taken.told.push(await sample(floor, false));
      }
    } finally {
      await floor.stop();
    }
    const ratio = medianRatio(taken.ours, taken.baseline);
    return {
      measured: `${round(ratio)} × (${median(taken.ours)} to ${median(taken.baseline)} s for ${total} of ${people.length} people); the lag rose ${bumps} times`,
      met: ratio <= 1.5 && bumps === 0,
      samples: taken,
      notes: [
        `the floor, a raw loop whose documents can be searched, and found until they are told: ${median(taken.told)} s, of which ours is ${round(medianRatio(taken.ours, taken.told))} ×`,
      ],
    };
  });
}
