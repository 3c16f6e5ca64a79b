import { randomUUID } from 'node:crypto';
import { fewSamples } from '../options.js';
import { round, type Context, type Measured } from '../row.js';
import { medianRatio, percentile } from '../statistics.js';
import { ours, startPipeline, type Pipeline, type Tenant } from './pipeline.js';
import { sendSteadily } from './steady-load.js';

const PEOPLE_EACH = 200;
/** Of the noisy one, for each notification of all others together. */
const NOISE = 20;
const SLOW_MS = 1_000;
const SLOW_PER_SECOND = 10;
const KINDS = ['quiet', 'noisy', 'slow'] as const;
type Kind = (typeof KINDS)[number];
type ByKind<T> = Record<Kind, T[]>;

/**
 * S2: everyone's people change now and then. In turn: nothing else; one tenant's people change twenty times as often as
 * all others' together; another's change ten times a second, and its Graph takes a second to answer.
 */
export async function bearNeighbours(context: Context): Promise<Measured> {
  const { integrations, seconds, tiny } = context.options;
  const perSecond = tiny ? 20 : 50;
  const pipeline = await startPipeline(context, 'S2', {
    ...ours,
    delayMs: 20,
    integrations,
    env: ([, slow]) => ({ SLOW_INTEGRATION: slow?.integrationId ?? '', SLOW_MS: String(SLOW_MS), BURST_PEOPLE: '60' }),
  });
  try {
    const [noisy, slow, ...others] = pipeline.tenants as [Tenant, Tenant, ...Tenant[]];
    const phase = (secs: number): Promise<Map<string, number>> =>
      sendSteadily(pipeline, {
        perSecond,
        seconds: secs,
        next: (index) => ({ userId: randomUUID(), ...toTenant(others[index % others.length]) }),
      });
    const beside: Record<Kind, () => Noise> = {
      quiet: () => ({ stop: () => Promise.resolve() }),
      noisy: () => makeNoise(pipeline, noisy, perSecond * NOISE),
      slow: () => makeNoise(pipeline, slow, SLOW_PER_SECOND),
    };
    await phase(Math.min(seconds, 3));
    const sent: ByKind<Map<string, number>> = { quiet: [], noisy: [], slow: [] };
    for (let turn = 0; turn < fewSamples(context.options, 3); turn += 1)
      for (const kind of KINDS) {
        const noise = beside[kind]();
        sent[kind].push(await phase(seconds * 2));
        await noise.stop();
        await pipeline.drained();
      }
    return await judge(pipeline, sent, others.length);
  } finally {
    await pipeline.stop();
  }
}

const toTenant = (tenant: Tenant | undefined): { tenant?: Tenant } => (tenant ? { tenant } : {});

type Noise = { stop: () => Promise<void> };
const EVERY_MS = 100;

function makeNoise({ notify }: Pipeline, tenant: Tenant, perSecond: number): Noise {
  const crowd = Array.from({ length: PEOPLE_EACH }, () => randomUUID());
  let at = 0;
  let last = Promise.resolve();
  const timer = setInterval(() => {
    const some = Array.from({ length: (perSecond * EVERY_MS) / 1_000 }, () => crowd[at++ % crowd.length] ?? '');
    last = last.then(() => notify(some, tenant));
  }, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}

async function judge(pipeline: Pipeline, sent: ByKind<Map<string, number>>, others: number): Promise<Measured> {
  const changed = await pipeline.changedAt();
  const toMs = (one: Map<string, number>): number[] =>
    [...one].map(([id, at]) => (changed.get(id) ?? Number.POSITIVE_INFINITY) - at);
  const taken = { quiet: sent.quiet.map(toMs), noisy: sent.noisy.map(toMs), slow: sent.slow.map(toMs) };
  const at = (kind: Kind, share: number): number[] => taken[kind].map((one) => percentile(one, share));
  const ratioOf = (kind: Kind): number => medianRatio(at(kind, 0.99), at('quiet', 0.99));
  const list = (kind: Kind): string =>
    `p99 ${at(kind, 0.99)
      .map((ms) => round(ms, 0))
      .join(', ')} ms, p50 ${at(kind, 0.5)
      .map((ms) => round(ms, 0))
      .join(', ')} ms`;
  return {
    measured: `p99 ${round(ratioOf('noisy'))} × (quiet ${list('quiet')}; noisy ${list('noisy')}); beside a slow one ${round(ratioOf('slow'))} × (${list('slow')}); ${others} others`,
    met: ratioOf('noisy') <= 1.5,
    samples: taken,
    notes: [
      'the noisy one has twenty times as many notifications as all others together, of 200 people; who is beside it from its first moment counts',
    ],
  };
}
