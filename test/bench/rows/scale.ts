import { randomUUID } from 'node:crypto';
import { round, type Context, type Measured, type Row } from '../row.js';
import { medianRatio, percentile } from '../statistics.js';
import { reconcile } from './full-reads.js';
import { ours, startPipeline, type Pipeline, type Tenant } from './pipeline.js';
import { floorOf, readAll } from './reconciler.js';
import { sendSteadily } from './steady-load.js';

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
    what: '300 integrations of 200 people; one floods, and its Graph is slow; the others beside a quiet time',
    goal: "others' p99 ≤ 1.5 × quiet",
    limitMinutes: 6,
    run: bearNeighbour,
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

/** Ten notifications for each person, into the real database. */
async function tellMany(context: Context, notifications: number): Promise<Told> {
  const pipeline = await startPipeline(context, 'S1', { ...ours, nodeArgs: MEMORY });
  try {
    const people = Array.from({ length: Math.ceil(notifications / 10) }, () => randomUUID());
    const begun = performance.now();
    await pipeline.notify(Array.from({ length: notifications }, (_, index) => people[index % people.length] ?? ''));
    await pipeline.drained();
    const seconds = (performance.now() - begun) / 1_000;
    return { notifications, seconds, projectorMiB: pipeline.program.peakMiB() };
  } finally {
    await pipeline.stop();
  }
}

const PEOPLE_EACH = 200;
/** Of the noisy one, for each notification of all others together. */
const NOISE = 20;
const SLOW_MS = 1_000;

/** The noisy one's people change twenty times as often as all others' together; its Graph takes a second to answer. */
async function bearNeighbour(context: Context): Promise<Measured> {
  const { integrations, samples, seconds, tiny } = context.options;
  const perSecond = tiny ? 20 : 50;
  const pipeline = await startPipeline(context, 'S2', {
    ...ours,
    delayMs: 20,
    integrations,
    env: ([noisy]) => ({ SLOW_INTEGRATION: noisy?.integrationId ?? '', SLOW_MS: String(SLOW_MS), BURST_PEOPLE: '60' }),
  });
  try {
    const [noisy, ...others] = pipeline.tenants as [Tenant, ...Tenant[]];
    const crowd = Array.from({ length: PEOPLE_EACH }, () => randomUUID());
    const phase = (secs: number): Promise<Map<string, number>> =>
      sendSteadily(pipeline, {
        perSecond,
        seconds: secs,
        next: (index) => ({ userId: randomUUID(), ...toTenant(others[index % others.length]) }),
      });
    await phase(Math.min(seconds, 3));
    const sent = { quiet: [] as Map<string, number>[], noisy: [] as Map<string, number>[] };
    for (let turn = 0; turn < Math.min(samples, 3); turn += 1) {
      sent.quiet.push(await phase(seconds * 2));
      const noise = makeNoise(pipeline, { noisy, crowd, perSecond: perSecond * NOISE });
      sent.noisy.push(await phase(seconds * 2));
      await noise.stop();
      await pipeline.drained();
    }
    return await judgeNeighbour(pipeline, sent, others.length);
  } finally {
    await pipeline.stop();
  }
}

const toTenant = (tenant: Tenant | undefined): { tenant?: Tenant } => (tenant ? { tenant } : {});

function makeNoise(
  { notify }: Pipeline,
  { noisy, crowd, perSecond }: { noisy: Tenant; crowd: readonly string[]; perSecond: number },
): { stop: () => Promise<void> } {
  let at = 0;
  let last = Promise.resolve();
  const everyMs = 100;
  const timer = setInterval(() => {
    const some = Array.from({ length: (perSecond * everyMs) / 1_000 }, () => crowd[at++ % crowd.length] ?? '');
    last = last.then(() => notify(some, noisy));
  }, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}

type Sent = { quiet: Map<string, number>[]; noisy: Map<string, number>[] };

async function judgeNeighbour(pipeline: Pipeline, sent: Sent, others: number): Promise<Measured> {
  const changed = await pipeline.changedAt();
  const toMs = (one: Map<string, number>): number[] =>
    [...one].map(([id, at]) => (changed.get(id) ?? Number.POSITIVE_INFINITY) - at);
  const taken = { quiet: sent.quiet.map(toMs), noisy: sent.noisy.map(toMs) };
  const at = (side: number[][], share: number): number[] => side.map((one) => percentile(one, share));
  const ratio = medianRatio(at(taken.noisy, 0.99), at(taken.quiet, 0.99));
  const list = (side: number[][], share: number): string =>
    at(side, share)
      .map((ms) => round(ms, 0))
      .join(', ');
  return {
    measured: `p99 ${round(ratio)} × (noisy ${list(taken.noisy, 0.99)} to quiet ${list(taken.quiet, 0.99)} ms; p50 ${list(taken.noisy, 0.5)} to ${list(taken.quiet, 0.5)} ms), ${others} others`,
    met: ratio <= 1.5,
    samples: taken,
    notes: [
      'the noisy one has 200 people, twenty times as many notifications as all others, and a Graph that takes 1 s',
    ],
  };
}
