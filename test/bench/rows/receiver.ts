import { randomBytes } from 'node:crypto';
import { closedLoop, openLoop, type Load } from '../load/load.js';
import { createSender } from '../load/notifications.js';
import { makeTopics } from '../make-topics.js';
import { startProgram, type Program } from '../program.js';
import { round, type Context, type Measured, type Row } from '../row.js';
import { createScope } from '../servers.js';
import { median, medianRatio, percentile } from '../statistics.js';
import { loseBroker } from './lost-broker.js';

export const rowsOfReceiver: readonly Row[] = [
  {
    id: 'R1',
    what: 'receiver, requests/s with acks=all, 1 notification a request; bare express POST → 202',
    goal: '≥ 0.50',
    run: (context) => compareThroughput(context, { label: 'R1', baseline: 'bare-express', each: 1, goal: 0.5 }),
  },
  {
    id: 'R2',
    what: 'notifications/s at 20 a request; the handler without Kafka',
    goal: '≥ 0.40',
    run: (context) =>
      compareThroughput(context, { label: 'R2', baseline: 'handler-without-kafka', each: 20, goal: 0.4 }),
  },
  {
    id: 'R3',
    what: 'receiver at 500 requests/s, open loop; bare express at the same rate',
    goal: 'p99 ≤ +10 ms, p99.9 < 250 ms',
    run: compareLatency,
  },
  {
    id: 'R4',
    what: 'broker stalled (SIGSTOP), then killed, under load',
    goal: '100 % answered in 2.5 s, no 202 without an ack, memory bounded',
    limitMinutes: 10,
    run: loseBroker,
  },
];

export type ReceiverPair = { receiver: Program; prefix: string; key: Buffer; stop: () => Promise<void> };

/** The receiver as it is deployed, on plain http, with topics of its own. */
export async function startReceiver(context: Context, label: string): Promise<ReceiverPair> {
  const { servers } = context;
  const { prefix } = createScope(servers, label);
  await makeTopics(servers, prefix);
  return { ...(await startReceiverOn(context, label, prefix)), prefix };
}

/** The same on topics that are there. */
export async function startReceiverOn({ servers, options }: Context, label: string, prefix: string) {
  const key = randomBytes(32);
  const receiver = await startProgram(servers, {
    name: `${label}-receiver`,
    file: 'services/receiver/dist/bundle/main.mjs',
    profile: options.profile,
    env: {
      KAFKA_BROKERS: servers.kafkaBrokers,
      KAFKA_TOPIC_PREFIX: prefix,
      CLIENT_STATE_KEYS: key.toString('base64'),
      READY_OFF_FOR: '0s',
    },
  });
  return { receiver, key, stop: receiver.stop };
}

export const startBaseline = (
  { servers }: Context,
  name: string,
  { key, prefix }: Pick<ReceiverPair, 'key' | 'prefix'>,
): Promise<Program> =>
  startProgram(servers, {
    name,
    file: `test/dist/bench/baselines/${name}.js`,
    env: {
      CLIENT_STATE_KEYS: key.toString('base64'),
      KAFKA_BROKERS: servers.kafkaBrokers,
      KAFKA_TOPIC_PREFIX: prefix,
    },
  });

type Comparison = { label: string; baseline: string; each: number; goal: number };
type Taken = { ours: Sample[]; baseline: Sample[]; floor: Sample[] };
type Sample = { perSecond: number; cpuMicroseconds: number; p99Ms: number; failed: number };

/** All stand ready; the load goes to one, then to the next. The floor is what node's HTTP and kafkajs take alone. */
async function compareThroughput(context: Context, { label, baseline, each, goal }: Comparison): Promise<Measured> {
  const { connections, seconds, samples } = context.options;
  const ours = await startReceiver(context, label);
  const bare = await startBaseline(context, baseline, ours);
  const floor = await startBaseline(context, 'bare-produce', ours);
  const sender = createSender(ours.key);
  const requests = Array.from({ length: 500 }, () => sender.request(each));
  const requestOf = (index: number): Buffer => requests[index % requests.length] ?? Buffer.alloc(0);
  const sample = async (program: Program, secs = seconds): Promise<Sample> => {
    const cpuBefore = program.cpu();
    const load = await closedLoop(program.port, { connections, seconds: secs, requestOf });
    return toSample(load, program.cpu() - cpuBefore);
  };
  try {
    // Until both are compiled; not counted.
    for (const program of [ours.receiver, bare, floor]) await sample(program, context.options.tiny ? 1 : seconds * 2);
    const taken: Taken = { ours: [], baseline: [], floor: [] };
    for (let turn = 0; turn < samples; turn += 1) {
      taken.ours.push(await sample(ours.receiver));
      taken.baseline.push(await sample(bare));
      taken.floor.push(await sample(floor));
    }
    return judge(taken, { each, goal });
  } finally {
    await Promise.all([ours.stop(), bare.stop(), floor.stop()]);
  }
}

function toSample({ seconds, answers }: Load, cpu: number): Sample {
  const good = answers.filter(({ status }) => status === 202).length;
  return {
    perSecond: round(good / seconds, 0),
    cpuMicroseconds: round((cpu * 1e6) / Math.max(good, 1), 1),
    p99Ms: round(
      percentile(
        answers.map(({ ms }) => ms),
        0.99,
      ),
      1,
    ),
    failed: answers.length - good,
  };
}

function judge(taken: Taken, { each, goal }: { each: number; goal: number }): Measured {
  const speed = (side: Sample[]): number[] => side.map(({ perSecond }) => perSecond * each);
  const cpu = (side: Sample[]): number[] => side.map(({ cpuMicroseconds }) => cpuMicroseconds);
  const ratio = medianRatio(speed(taken.ours), speed(taken.baseline));
  const floorRatio = medianRatio(speed(taken.floor), speed(taken.baseline));
  const failed = Object.values(taken)
    .flat()
    .reduce((sum, one) => sum + one.failed, 0);
  const [ours, bare, floor] = [taken.ours, taken.baseline, taken.floor].map((side) => median(speed(side)));
  const [oursCpu = 0, bareCpu = 0, floorCpu = 0] = [taken.ours, taken.baseline, taken.floor].map((side) =>
    median(cpu(side)),
  );
  return {
    measured: `${round(ratio)} (${ours} to ${bare}/s; by CPU a request ${round(bareCpu / oursCpu)}: ${oursCpu} to ${bareCpu} µs); a bare server that only produces ${round(floorRatio)} (${floor}/s, ${floorCpu} µs)`,
    met: ratio >= goal && failed === 0,
    samples: taken,
    notes: failed > 0 ? [`${failed} requests were not answered 202`] : [],
  };
}

async function compareLatency(context: Context): Promise<Measured> {
  const { seconds, samples, tiny } = context.options;
  const ours = await startReceiver(context, 'R3');
  const bare = await startBaseline(context, 'bare-express', ours);
  const sender = createSender(ours.key);
  const requests = Array.from({ length: 500 }, () => sender.request(1));
  const perSecond = tiny ? 100 : 500;
  const sample = async ({ port }: Program, secs = seconds): Promise<number[]> => {
    const requestOf = (index: number): Buffer => requests[index % requests.length] ?? Buffer.alloc(0);
    const { answers } = await openLoop(port, { perSecond, seconds: secs, requestOf });
    return answers.map(({ status, ms }) => (status === 202 ? ms : Number.POSITIVE_INFINITY));
  };
  try {
    for (const { port } of [ours.receiver, bare]) await sample({ port } as Program, Math.min(seconds, 2));
    const taken = { ours: [] as number[][], baseline: [] as number[][] };
    for (let pair = 0; pair < samples; pair += 1) {
      taken.ours.push(await sample(ours.receiver));
      taken.baseline.push(await sample(bare));
    }
    const at = (side: number[][], share: number): number => median(side.map((one) => percentile(one, share)));
    const [p99, bareP99] = [at(taken.ours, 0.99), at(taken.baseline, 0.99)];
    const worst = percentile(taken.ours.flat(), 0.999);
    return {
      measured: `p50 ${round(at(taken.ours, 0.5), 1)} to ${round(at(taken.baseline, 0.5), 1)} ms, p99 ${round(p99, 1)} to ${round(bareP99, 1)} ms, p99.9 ${round(worst, 1)} ms`,
      met: p99 - bareP99 <= 10 && worst < 250,
      samples: {
        ours: taken.ours.map((one) => one.map((ms) => round(ms))),
        baseline: taken.baseline.map((one) => one.map((ms) => round(ms))),
      },
    };
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}
