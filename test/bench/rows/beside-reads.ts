import { setTimeout as sleep } from 'node:timers/promises';
import { describeShares, serverPids, watchCpu, type CpuShares } from '../cpu-shares.js';
import { fewSamples } from '../options.js';
import { round, type Context, type Measured } from '../row.js';
import { median, percentile } from '../statistics.js';
import { createScope } from '../servers.js';
import { readBare, reconcile, type Changes } from './full-reads.js';
import { ours, startPipeline, type Pipeline } from './pipeline.js';
import { floorOf } from './reconciler.js';
import { sendSteadily } from './steady-load.js';

/** What a page of people takes with Graph, about; the report has its budget. */
const PAGE_MS = 250;
const PER_SECOND = 50;
/** A program starts and connects in less. */
const START_MS = 5_000;
/** Notifications are sent for as long as the reads take alone, at most so long. */
const MOST_SECONDS = 30;

/** What everybody is called by Graph once a notification told that the person changed. */
const CHANGED_NAME = 'Changed';

/**
 * R14: people change at a steady rate and notifications tell of it, without and with full reads of the same tenant at
 * Graph's pace: people, then the MFA report, as after a night. The reads see who has changed by then. The reads alone say
 * what their own floor is; that of the notifications is a bare loop over as many documents of the same server.
 */
export async function notifyBesideReads(context: Context): Promise<Measured> {
  const { tiny } = context.options;
  const samples = fewSamples(context.options, 2);
  const turns = 3 * samples;
  const perSecond = tiny ? 10 : PER_SECOND;
  const rows = tiny ? 2_000 : 6_000;
  const people = tiny ? 1_000 : Math.max(10_000, turns * MOST_SECONDS * perSecond);
  const env = () => ({ CHANGED_NAME });
  const pipeline = await startPipeline(context, 'R14', { ...ours, delayMs: 20, env });
  try {
    const readBoth = async (more: { startAt?: number; changes?: Changes } = {}): Promise<number> =>
      (await reconcile(context, pipeline, { people, rows, kind: 'both', pageMs: PAGE_MS, ...more })).seconds;
    const bareScope = createScope(context.servers, 'R14');
    const bare = (startAt: number, loopSeconds: number) =>
      readBare(context, bareScope, { people, pageMs: PAGE_MS, startAt, loopSeconds });
    await bare(0, 0);
    // The first load writes everyone; what is measured finds nobody changed whom no notification told.
    await readBoth();
    const alone = await readBoth();
    const seconds = Math.min(MOST_SECONDS, alone, Math.floor(people / turns) / perSecond);
    const each = Math.floor(perSecond * seconds);
    let turn = -1;
    /** Notifications of the next people; `begin`: what goes beside them, whose program has started and connected by then. */
    const notified = async <T>(begin: (startAt: number, changes: Changes) => Promise<T>): Promise<[number[], T]> => {
      const startAt = Date.now() + START_MS;
      const changes = { turns, turn: (turn += 1), people, each, perSecond, startAt };
      const beside = begin(startAt, changes);
      await sleep(startAt - Date.now());
      return Promise.all([latencies(pipeline, changes), beside]);
    };
    const taken = {
      quiet: [] as number[][],
      beside: [] as number[][],
      floor: [] as number[][],
      seconds: [] as number[],
    };
    const shares = { quiet: [] as CpuShares[], beside: [] as CpuShares[], floor: [] as CpuShares[] };
    const sharesOf = async <T>(of: keyof typeof shares, work: () => Promise<T>): Promise<T> => {
      const used = watchCpu({ projector: pipeline.program.pid, ...serverPids(context.servers) });
      const done = await work();
      shares[of].push(used());
      return done;
    };
    for (let sample = 0; sample < samples; sample += 1) {
      const [quiet] = await sharesOf('quiet', () => notified(() => Promise.resolve()));
      taken.quiet.push(quiet);
      const [besideReads, took] = await sharesOf('beside', () =>
        notified((startAt, changes) => readBoth({ startAt, changes })),
      );
      taken.beside.push(besideReads);
      taken.seconds.push(took);
      const [floor] = await sharesOf('floor', () => notified((startAt) => bare(startAt, seconds)));
      taken.floor.push(floor);
    }
    const p99 = (side: number[][]): number => median(side.map((one) => percentile(one, 0.99)));
    const ratio = p99(taken.beside) / p99(taken.quiet);
    const longer = median(taken.seconds) / alone;
    const floor = Math.ceil(people / 999) * (PAGE_MS / 1_000) + floorOf(Math.ceil(rows / 999));
    return {
      measured: `p99 ${round(ratio)} × (${round(p99(taken.beside), 0)} to ${round(p99(taken.quiet), 0)} ms; beside a bare loop ${round(p99(taken.floor), 0)} ms); the reads ${round(median(taken.seconds), 1)} s beside, ${round(alone, 1)} s alone (${round(longer)} ×; ${round(floor, 1)} s is Graph's part)`,
      met: ratio <= 1.3 && longer <= 1.1,
      samples: { ...taken, shares: [shares] },
      notes: [
        `${people} people at ${PAGE_MS} ms a page, then ${rows} rows of the MFA report in its budget`,
        ...(['quiet', 'beside', 'floor'] as const).map(
          (of) => `${of}: of one core ${describeShares(shares[of].at(-1) ?? {})}`,
        ),
      ],
    };
  } finally {
    await pipeline.stop();
  }
}

/** As the programs of both sides make them. */
const toMadeId = (index: number): string => {
  const spread = Math.imul(index, 2_654_435_761) >>> 0;
  return `${spread.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
};

/** As the reading side has it (`made-changes.ts`): in an order that is spread over all pages. */
const toIndex = (place: number, { turns, turn, people }: Changes): number =>
  ((place * 7_919) % Math.floor(people / turns)) * turns + turn;

async function latencies(pipeline: Pipeline, changes: Changes): Promise<number[]> {
  const { each, perSecond, startAt } = changes;
  const next = (place: number) => ({ userId: toMadeId(toIndex(place, changes)) });
  const sent = await sendSteadily(pipeline, { perSecond, seconds: each / perSecond, next });
  await pipeline.drained();
  const changed = await pipeline.changedAt();
  return [...sent].map(([id, at]) => {
    const told = changed.get(id) ?? 0;
    // What is told from before is the first load's: this change never came.
    return told < startAt ? Number.POSITIVE_INFINITY : Math.max(0, told - at);
  });
}
