import { fewSamples } from '../options.js';
import { toProfileArgs } from '../program.js';
import { runOnce } from '../run-once.js';
import { round, type Context, type Measured, type Row } from '../row.js';
import { createScope } from '../servers.js';
import { median, medianRatio } from '../statistics.js';
import { insertTenants, ours, startPipeline, type Pipeline, type Scope } from './pipeline.js';

/** What the fixtures print. */
/** `liveMiB`: in use at its end, after a collection of garbage where node lets it ask for one; else with garbage. */
export type FullRead = {
  outcome: string;
  seconds: number;
  cpuSeconds: number;
  peakMiB: number;
  liveMiB: number;
  /** Of ours: seconds by what was waited for. */
  spent?: Record<string, number>;
};
/** Who has changed for a full read: the first `each` of a turn, one after the other from `startAt` (ms since epoch) on. */
export type Changes = {
  turns: number;
  turn: number;
  /** Of the tenant; each turn has as many of them. */
  people: number;
  each: number;
  perSecond: number;
  startAt: number;
};
type Wanted = {
  people: number;
  generation?: number;
  /** `both`: people, then the report of `rows`. */
  kind?: 'users' | 'mfa' | 'both';
  rows?: number;
  pageMs?: number;
  /** When it begins, ms since epoch; at once when left out. */
  startAt?: number;
  changes?: Changes;
};

export const rowsOfFullReads: readonly Row[] = [
  {
    id: 'R8',
    what: 'full reconcile of users, throttle off: nothing changed, everything changed; bare loop of pages',
    goal: '≤ 1.3 × / ≤ 1.5 ×',
    limitMinutes: 10,
    run: compareFullReads,
  },
];

const toEnv = (
  scope: Scope,
  kafkaBrokers: string,
  { people, generation = 0, kind = 'users', pageMs = 0, rows = people, startAt = 0, changes }: Wanted,
) => ({
  KAFKA_BROKERS: kafkaBrokers,
  KAFKA_TOPIC_PREFIX: scope.prefix,
  MONGODB_URI: scope.mongodbUri,
  PEOPLE: String(people),
  GENERATION: String(generation),
  KIND: kind,
  PAGE_MS: String(pageMs),
  ROWS: String(rows),
  START_AT: String(startAt),
  CHANGES: changes ? JSON.stringify(changes) : '',
});

export const MEMORY = ['--max-old-space-size=192'];

/** The reconciler on the log and the database of a pipeline, whose projector has to follow. */
export async function reconcile(
  { servers, options }: Context,
  { scope }: Pick<Pipeline, 'scope'>,
  wanted: Wanted,
): Promise<FullRead> {
  const read = await runOnce<FullRead>(servers, {
    file: 'services/reconciler/dist/test/reconcile.fixture.js',
    env: toEnv(scope, servers.kafkaBrokers, wanted),
    nodeArgs: [...MEMORY, '--expose-gc', ...toProfileArgs(options.profile)],
  });
  if (read.outcome !== 'complete') throw new Error(`the full read: ${JSON.stringify(read)}`);
  return read;
}

export const readBare = (
  { servers }: Context,
  scope: Scope,
  wanted: Wanted & { isTold?: boolean; loopSeconds?: number },
): Promise<FullRead> =>
  runOnce(servers, {
    file: 'test/dist/bench/baselines/raw-full-read.js',
    env: {
      ...toEnv(scope, servers.kafkaBrokers, wanted),
      TOLD: wanted.isTold ? '1' : '',
      LOOP_SECONDS: String(wanted.loopSeconds ?? 0),
    },
  });

/** What a full read finds other than a document of the last quarter of an hour is asked again: here a day is between two. */
const toDaysBetween = () => ({ CLOCK_SPEED: '20000' });

type Sample = { seconds: number; cpuSeconds: number; spent?: Record<string, number> };
/** `floor`: the same loop, where a change is told and the database has Muster's indexes. */
type Taken = { ours: Sample[]; baseline: Sample[]; floor: Sample[] };

/** Both have loaded everyone before. Then each sample reads everyone unchanged, and everyone with another name. */
async function compareFullReads(context: Context): Promise<Measured> {
  const { people } = context.options;
  const pipeline = await startPipeline(context, 'R8', { ...ours, env: toDaysBetween });
  const bareScope = createScope(context.servers, 'R8');
  const floorScope = createScope(context.servers, 'R8');
  await insertTenants(floorScope.mongodbUri, 0);
  try {
    const read = async (generation: number): Promise<Sample> => {
      const cpu = pipeline.program.cpu();
      const { seconds, cpuSeconds, spent = {} } = await reconcile(context, pipeline, { people, generation });
      return { seconds: round(seconds), cpuSeconds: round(cpuSeconds + pipeline.program.cpu() - cpu), spent };
    };
    const bare = async (generation: number, isTold = false): Promise<Sample> => {
      const scope = isTold ? floorScope : bareScope;
      const { seconds, cpuSeconds } = await readBare(context, scope, { people, generation, isTold });
      return { seconds: round(seconds), cpuSeconds: round(cpuSeconds) };
    };
    const first: Taken = { ours: [await read(0)], baseline: [await bare(0)], floor: [await bare(0, true)] };
    const same: Taken = { ours: [], baseline: [], floor: [] };
    const changed: Taken = { ours: [], baseline: [], floor: [] };
    for (let turn = 1; turn <= fewSamples(context.options, 2); turn += 1) {
      for (const [taken, generation] of [
        [same, turn - 1],
        [changed, turn],
      ] as const) {
        taken.ours.push(await read(generation));
        taken.baseline.push(await bare(generation));
        taken.floor.push(await bare(generation, true));
      }
    }
    const [sameRatio, changedRatio] = [toRatio(same), toRatio(changed)];
    return {
      measured: `nothing changed ${describe(same)}; everything changed ${describe(changed)}; first load ${describe(first)}; ${people} people`,
      met: sameRatio <= 1.3 && changedRatio <= 1.5,
      samples: { same: [same], changed: [changed], first: [first] },
      notes: [
        ...[first, same, changed].map(describeSpent),
        'pages are made in the program on both sides; ours goes through Kafka and tells each change, the loop does neither; the floor is the loop with our indexes and a second write for each change, that it was told',
      ],
    };
  } finally {
    await pipeline.stop();
  }
}

const secondsOf = (side: Sample[]): number[] => side.map(({ seconds }) => seconds);
const toRatio = ({ ours: mine, baseline }: Taken): number => medianRatio(secondsOf(mine), secondsOf(baseline));
const cpuOf = (side: Sample[]): number => median(side.map(({ cpuSeconds }) => cpuSeconds));
const describeSpent = ({ ours: mine }: Taken, index: number): string => {
  const last = mine.at(-1);
  const parts = Object.entries(last?.spent ?? {}).map(([name, seconds]) => `${name} ${round(seconds, 1)}`);
  return `of ${last?.seconds ?? 0} s of ours (${['first load', 'nothing changed', 'everything changed'][index]}), awaited: ${parts.join(', ')} s`;
};
const describe = (taken: Taken): string =>
  `${round(toRatio(taken))} × (${round(median(secondsOf(taken.ours)), 1)} to ${round(median(secondsOf(taken.baseline)), 1)} s, floor ${round(median(secondsOf(taken.floor)), 1)} s, CPU ${round(cpuOf(taken.ours), 1)} to ${round(cpuOf(taken.baseline), 1)} s)`;
