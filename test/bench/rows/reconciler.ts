import { fewSamples } from '../options.js';
import { runOnce } from '../run-once.js';
import { NotHere, round, type Context, type Measured, type Row } from '../row.js';
import { median } from '../statistics.js';
import { rowsOfFullReads } from './full-reads.js';

export const rowsOfReconciler: readonly Row[] = [
  ...rowsOfFullReads,
  {
    id: 'R9',
    what: 'full MFA report at 5 requests in 10 s (clock that jumps); the floor: ceil(pages/5) − 1 windows',
    goal: '≤ 1.02 × the floor, no 429',
    run: compareWithFloor,
  },
  {
    id: 'R10',
    what: 'peak memory of a full read of users, by size, under --max-old-space-size=192',
    goal: 'largest / the one before ≤ 1.10, ids (16 bytes each) apart',
    run: compareMemory,
  },
];

type Read = {
  outcome: string;
  pages: number;
  published: number;
  virtualSeconds: number;
  mostInTenSeconds: number | null;
  seconds: number;
  peakMiB: number;
};

/** In memory: no log, no database. */
export async function readAll({ servers }: Context, kind: 'mfa' | 'users', people: number): Promise<Read> {
  const read = await runOnce<Read>(servers, {
    file: 'services/reconciler/dist/test/full-read.fixture.js',
    env: { KIND: kind, PEOPLE: String(people) },
    nodeArgs: ['--max-old-space-size=192'],
  });
  if (read.outcome !== 'complete') throw new Error(`the full read of ${people} people: ${JSON.stringify(read)}`);
  return read;
}

const WINDOW_SECONDS = 10;
const CALLS = 5;
/** Seconds for so many pages of the report, as fast as Graph lets anybody. */
export const floorOf = (pages: number): number => (Math.ceil(pages / CALLS) - 1) * WINDOW_SECONDS;

async function compareWithFloor(context: Context): Promise<Measured> {
  const people = context.options.tiny ? 20_000 : 100_000;
  const read = await readAll(context, 'mfa', people);
  const floor = floorOf(read.pages);
  const ratio = read.virtualSeconds / floor;
  const isRefused = (read.mostInTenSeconds ?? 0) > CALLS;
  return {
    measured: `${round(ratio, 3)} × (${round(read.virtualSeconds, 1)} to ${floor} s, ${read.pages} pages; at most ${read.mostInTenSeconds} in any 10 s)`,
    met: ratio <= 1.02 && !isRefused,
    samples: { ours: [read] },
    notes: ['the budget of the service on a modelled clock, in which an answer takes no time'],
  };
}

async function compareMemory(context: Context): Promise<Measured> {
  const { sizes } = context.options;
  if (sizes.length < 2) throw new NotHere('give two sizes or more: --sizes 10000,100000');
  const reads = new Map<number, Read[]>(sizes.map((size) => [size, []]));
  for (let turn = 0; turn < fewSamples(context.options, 2); turn += 1)
    for (const [size, taken] of reads) taken.push(await readAll(context, 'users', size));
  const peaks = [...reads].map(([size, taken]) => {
    const peak = median(taken.map(({ peakMiB }) => peakMiB));
    return { size, peak, apart: peak - (size * 16) / 2 ** 20, seconds: median(taken.map(({ seconds }) => seconds)) };
  });
  const [before, largest] = peaks.slice(-2);
  const ratio = (largest?.apart ?? 0) / (before?.apart ?? 1);
  const each = peaks.map(({ size, peak, seconds }) => `${size}: ${round(peak, 0)} MiB, ${round(seconds, 1)} s`);
  return {
    measured: `${round(ratio)} × with the ids apart (${each.join('; ')})`,
    met: ratio <= 1.1,
    samples: Object.fromEntries([...reads].map(([size, taken]) => [String(size), taken])),
    notes: ['the reconciler without the clients of Kafka, MongoDB and HTTP: pages are made in memory'],
  };
}
