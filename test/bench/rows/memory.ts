import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/test-support';
import { fewSamples } from '../options.js';
import { runOnce } from '../run-once.js';
import { NotHere, round, type Context, type Measured, type Row } from '../row.js';
import { median } from '../statistics.js';
import { MEMORY, reconcile, type FullRead } from './full-reads.js';
import { ours, startPipeline } from './pipeline.js';

export const rowsOfMemory: readonly Row[] = [
  {
    id: 'R10',
    what: 'peak memory of reconciler and projector in a first load, by size, under --max-old-space-size=192; bare loop',
    goal: 'largest / the one before ≤ 1.10 for both, ids (16 bytes each) apart',
    limitMinutes: 12,
    run: compareMemory,
  },
];

/** MiB of so many ids of 16 bytes: whoever reads everyone must remember who was there. */
export const idsMiB = (people: number): number => (people * 16) / 2 ** 20;

type Side = 'reconciler' | 'projector' | 'bare';
/** MiB; `live`: in use at the end, after a collection of garbage. */
type Peaks = Record<Side, number> & { size: number; seconds: number; live: Record<'reconciler' | 'projector', number> };

async function compareMemory(context: Context): Promise<Measured> {
  const { sizes } = context.options;
  if (sizes.length < 2) throw new NotHere('give two sizes or more: --sizes 10000,100000');
  const taken: Peaks[] = [];
  for (let turn = 0; turn < fewSamples(context.options, 1); turn += 1)
    for (const size of sizes) {
      taken.push(await takePeaks(context, size));
      context.say(`R10: ${JSON.stringify(taken.at(-1))}`);
    }
  const of = (size: number, whose: Side | 'seconds'): number =>
    median(taken.filter((one) => one.size === size).map((one) => one[whose]));
  const [before = 0, largest = 0] = sizes.slice(-2);
  const reconciler = (of(largest, 'reconciler') - idsMiB(largest)) / (of(before, 'reconciler') - idsMiB(before));
  const projector = of(largest, 'projector') / of(before, 'projector');
  const bare = of(largest, 'bare') / of(before, 'bare');
  const live = sizes.map((size) => {
    const some = taken.filter((one) => one.size === size).map((one) => one.live);
    const [one, other] = (['reconciler', 'projector'] as const).map((whose) => median(some.map((each) => each[whose])));
    return `${size}: ${round(one ?? 0, 0)} and ${round(other ?? 0, 0)} MiB`;
  });
  const each = sizes.map(
    (size) =>
      `${size}: ${round(of(size, 'reconciler'), 0)}, ${round(of(size, 'projector'), 0)} and ${round(of(size, 'bare'), 0)} MiB, ${round(of(size, 'seconds'), 0)} s`,
  );
  return {
    measured: `reconciler ${round(reconciler)} × with the ids apart, projector ${round(projector)} ×, bare loop ${round(bare)} × with its ids (${each.join('; ')})`,
    met: Math.max(reconciler, projector) <= 1.1,
    samples: { peaks: taken },
    notes: [
      `in use behind the last row, after a collection of garbage, reconciler and projector: ${live.join('; ')}`,
      'both with their clients of Kafka and MongoDB, pages made in the reconciler; the projector does all but read and write documents, which would fill the database at hand for longer than the rest of the bench: S1 has them',
    ],
  };
}

async function takePeaks(context: Context, size: number): Promise<Peaks> {
  const liveFile = join(tmpdir(), `muster-live-${process.pid}-${size}`);
  const spec = { ...ours, nodeArgs: [...MEMORY, '--expose-gc'], env: () => ({ STORE: 'none', LIVE_FILE: liveFile }) };
  const pipeline = await startPipeline(context, 'R10', spec);
  try {
    const { seconds, peakMiB, liveMiB } = await reconcile(context, pipeline, { people: size });
    const projector = pipeline.program.peakMiB();
    const live = { reconciler: liveMiB, projector: await readLive(pipeline.program.pid, liveFile) };
    const bare = await runOnce<FullRead>(context.servers, {
      file: 'test/dist/bench/baselines/bare-read.js',
      env: { PEOPLE: String(size) },
      nodeArgs: MEMORY,
    });
    return { size, seconds, reconciler: peakMiB, projector, bare: bare.peakMiB, live };
  } finally {
    await pipeline.stop();
  }
}

async function readLive(pid: number, file: string): Promise<number> {
  process.kill(pid, 'SIGUSR2');
  await eventually(() => existsSync(file) && readFileSync(file, 'utf8') !== '', {
    what: 'the projector told what it uses',
  });
  const live = Number(readFileSync(file, 'utf8'));
  rmSync(file);
  return live;
}
