import { runOnce } from '../run-once.js';
import { round, type Context, type Measured, type Row } from '../row.js';
import { rowsOfFullReads } from './full-reads.js';
import { rowsOfMemory } from './memory.js';

export const rowsOfReconciler: readonly Row[] = [
  ...rowsOfFullReads,
  {
    id: 'R9',
    what: 'full MFA report at 5 requests in 10 s (clock that jumps); the floor: ceil(pages/5) − 1 windows',
    goal: '≤ 1.02 × the floor, no 429',
    run: compareWithFloor,
  },
  ...rowsOfMemory,
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
async function readReport({ servers }: Context, people: number): Promise<Read> {
  const read = await runOnce<Read>(servers, {
    file: 'services/reconciler/dist/test/full-read.fixture.js',
    env: { KIND: 'mfa', PEOPLE: String(people) },
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
  const { tiny, million } = context.options;
  const reads: (Read & { people: number; floor: number })[] = [];
  for (const people of tiny ? [20_000] : [100_000, million]) {
    const read = await readReport(context, people);
    reads.push({ ...read, people, floor: floorOf(read.pages) });
  }
  const ratios = reads.map(({ virtualSeconds, floor }) => virtualSeconds / floor);
  const each = reads.map(
    ({ people, virtualSeconds, floor, pages, mostInTenSeconds, peakMiB }, index) =>
      `${round(ratios[index] ?? 0, 3)} × (${people} people: ${round(virtualSeconds, 1)} to ${floor} s, ${pages} pages; at most ${mostInTenSeconds} in any 10 s; ${round(peakMiB, 0)} MiB)`,
  );
  return {
    measured: each.join('; '),
    met: Math.max(...ratios) <= 1.02 && reads.every(({ mostInTenSeconds }) => (mostInTenSeconds ?? 0) <= CALLS),
    samples: { ours: reads },
    notes: ['the budget of the service on a modelled clock, in which an answer takes no time'],
  };
}
