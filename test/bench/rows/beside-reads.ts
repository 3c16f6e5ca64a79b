import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeShares, serverPids, watchCpu, type CpuShares } from '../cpu-shares.js';
import { fewSamples } from '../options.js';
import { round, type Context, type Measured } from '../row.js';
import { median, percentile } from '../statistics.js';
import { createScope } from '../servers.js';
import { readBare, reconcile } from './full-reads.js';
import { ours, startPipeline, type Pipeline } from './pipeline.js';
import { floorOf } from './reconciler.js';
import { sendSteadily } from './steady-load.js';

/** What a page of people takes with Graph, about; the report has its budget. */
const PAGE_MS = 250;
const PER_SECOND = 50;
/** A program starts and connects in less. */
const START_MS = 5_000;

/**
 * R14: notifications at a steady rate, without and with full reads of the same tenant at Graph's pace: people, then the
 * MFA report, as after a night. The reads alone say what their own floor is; that of the notifications is a bare loop over
 * as many documents of the same server.
 */
export async function notifyBesideReads(context: Context): Promise<Measured> {
  const { tiny } = context.options;
  const people = tiny ? 1_000 : 10_000;
  const rows = tiny ? 2_000 : 6_000;
  const perSecond = tiny ? 10 : PER_SECOND;
  const pipeline = await startPipeline(context, 'R14', { ...ours, delayMs: 20 });
  try {
    const readBoth = async (startAt = 0): Promise<number> =>
      (await reconcile(context, pipeline, { people, rows, kind: 'both', pageMs: PAGE_MS, startAt })).seconds;
    /** Whose program has started and connected by then. */
    const beside = async <T>(begin: (startAt: number) => Promise<T>): Promise<[number[], T]> => {
      const startAt = Date.now() + START_MS;
      const reading = begin(startAt);
      await sleep(startAt - Date.now());
      return Promise.all([latencies(pipeline, perSecond, alone), reading]);
    };
    const bareScope = createScope(context.servers, 'R14');
    const bare = (startAt: number, loopSeconds: number) =>
      readBare(context, bareScope, { people, pageMs: PAGE_MS, startAt, loopSeconds });
    await bare(0, 0);
    // The first load writes everyone; what is measured finds nobody changed.
    await readBoth();
    const alone = await readBoth();
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
    for (let turn = 0; turn < fewSamples(context.options, 2); turn += 1) {
      taken.quiet.push(await sharesOf('quiet', () => latencies(pipeline, perSecond, alone)));
      // Whoever is new and not in the read is removed by the next one: that is not what is measured.
      await readBoth();
      const [latenciesBeside, seconds] = await sharesOf('beside', () => beside((startAt) => readBoth(startAt)));
      taken.beside.push(latenciesBeside);
      taken.seconds.push(seconds);
      await readBoth();
      const [floor] = await sharesOf('floor', () => beside((startAt) => bare(startAt, alone)));
      taken.floor.push(floor);
      await readBoth();
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

async function latencies(pipeline: Pipeline, perSecond: number, seconds: number): Promise<number[]> {
  const sent = await sendSteadily(pipeline, { perSecond, seconds, next: () => ({ userId: randomUUID() }) });
  await pipeline.drained();
  const changed = await pipeline.changedAt('first');
  return [...sent].map(([id, at]) => (changed.get(id) ?? Number.POSITIVE_INFINITY) - at);
}
