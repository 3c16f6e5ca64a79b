import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, waitUntil, type ServiceName } from '@muster/scripts';
import { connectTenant } from '../../src/connect-tenant.js';
import type { System } from '../../src/system.js';
import { startBenchSystem } from '../bench-system.js';
import { fewSamples } from '../options.js';
import { cpuSecondsOf, startProgram } from '../program.js';
import { round, type Context, type Measured, type Row } from '../row.js';
import { median, medianRatio } from '../statistics.js';
import { notifyBesideReads } from './beside-reads.js';

export const rowsOfSystem: readonly Row[] = [
  {
    id: 'R12',
    what: 'idle CPU of the five services, one tenant, canary on; six idle raw consumers',
    goal: '≤ 1.2 ×',
    run: compareIdle,
  },
  {
    id: 'R13',
    what: 'start → /readyz, each service, brokers up: after SIGTERM, after kill -9',
    goal: '≤ 1.5 s / ≤ session timeout (10 s) + 2 s',
    run: timeStarts,
  },
  {
    id: 'R14',
    what: "notifications' p99 while full reads run, and without",
    goal: '≤ 1.3 ×, the reads keep their floor',
    run: notifyBesideReads,
  },
];

const CONSUMERS = 6;
/** Until what a start begins with is over. */
const SETTLE_MS = 15_000;

/** `quiet`: raw consumers without kafkajs's timer. */
type Shares = { ours: number[]; raw: number[]; quiet: number[] };

/** Side by side at the same time, for neither does anything. */
async function compareIdle(context: Context): Promise<Measured> {
  const { idleSeconds, tiny } = context.options;
  const system = await startBenchSystem(context, { label: 'bench idle' });
  await connectTenant(system, { people: 50, groupMembers: 40, nestedGroups: 1 });
  const { kafkaBrokers: KAFKA_BROKERS } = context.servers;
  const startRaw = (QUIET = '') =>
    Promise.all(
      Array.from({ length: CONSUMERS }, (_, index) =>
        startProgram(context.servers, {
          name: `idle-consumer${QUIET && '-quiet'}-${index}`,
          file: 'test/dist/bench/baselines/idle-consumer.js',
          env: { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX: system.topicPrefix, QUIET },
          readyPath: null,
          core: null,
        }),
      ),
    );
  const [raw, quiet] = [await startRaw(), await startRaw('1')];
  await sleep(tiny ? 1_000 : SETTLE_MS);
  const cpuOf = (service: ServiceName): number => cpuSecondsOf(system.pidOf(service) ?? process.pid);
  const read = (): Shares => ({
    ours: SERVICES.map(cpuOf),
    raw: raw.map((one) => one.cpu()),
    quiet: quiet.map((one) => one.cpu()),
  });
  const taken: Shares[] = [];
  for (let turn = 0; turn < fewSamples(context.options, 1); turn += 1) taken.push(await takeShares(read, idleSeconds));
  await Promise.all([...raw, ...quiet].map((one) => one.stop()));
  await system.stop();
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const [ours, bare] = [taken.map((one) => sum(one.ours)), taken.map((one) => sum(one.raw))];
  const ratio = medianRatio(ours, bare);
  const ofEach = (index: number): number => round(median(taken.map((one) => one.ours[index] ?? 0)));
  const each = SERVICES.map((service, index) => `${service} ${ofEach(index)}`).join(', ');
  return {
    measured: `${round(ratio)} × (${round(median(ours), 1)} % of a core: ${each}; six consumers ${round(median(bare), 1)} %)`,
    met: ratio <= 1.2,
    samples: {
      ours: taken.map((one) => one.ours),
      baseline: taken.map((one) => one.raw),
      quiet: taken.map((one) => one.quiet),
    },
    notes: [
      `${taken.length} times ${idleSeconds} s; kafkajs polls its empty queue each millisecond, which Muster has switched off: six consumers without that take ${round(median(taken.map((one) => sum(one.quiet))), 1)} %`,
    ],
  };
}

/** Per cent of a core over so many seconds, from CPU seconds before and after. */
async function takeShares(read: () => Shares, seconds: number): Promise<Shares> {
  const then = read();
  await sleep(seconds * 1_000);
  const now = read();
  const share = (side: keyof Shares): number[] =>
    now[side].map((cpu, index) => round(((cpu - (then[side][index] ?? 0)) / seconds) * 100));
  return { ours: share('ours'), raw: share('raw'), quiet: share('quiet') };
}

type Start = { service: ServiceName; how: 'SIGTERM' | 'SIGKILL'; seconds: number };

async function timeStarts(context: Context): Promise<Measured> {
  const system = await startBenchSystem(context, { label: 'bench starts' });
  const starts: Start[] = [];
  for (let turn = 0; turn < fewSamples(context.options, 2); turn += 1)
    for (const how of ['SIGTERM', 'SIGKILL'] as const)
      for (const service of SERVICES) starts.push({ service, how, seconds: await timeStart(system, service, how) });
  await system.stop();
  const of = (service: ServiceName, how: Start['how']): number =>
    median(starts.filter((one) => one.service === service && one.how === how).map(({ seconds }) => seconds));
  const list = (how: Start['how']): string =>
    SERVICES.map((service) => `${service} ${round(of(service, how), 1)}`).join(', ');
  return {
    measured: `after SIGTERM: ${list('SIGTERM')} s; after kill -9: ${list('SIGKILL')} s`,
    met: SERVICES.every((service) => of(service, 'SIGTERM') <= 1.5 && of(service, 'SIGKILL') <= 12),
    samples: { starts },
    notes: ['from the new process to its /readyz; the supervisor waits a second before that'],
  };
}

/** The supervisor starts it anew. */
async function timeStart(system: System, service: ServiceName, signal: Start['how']): Promise<number> {
  const old = system.pidOf(service);
  system.signal(service, signal);
  await waitUntil(() => Promise.resolve(system.pidOf(service) !== old), {
    what: `${service} is started again`,
    withinMs: 60_000,
    everyMs: 5,
  });
  const begun = performance.now();
  await waitUntil(() => system.isReady(service), { what: `${service} is ready`, withinMs: 60_000, everyMs: 10 });
  return (performance.now() - begun) / 1_000;
}
