import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@muster/test-support';
import { readLedger } from '../../chaos/ledger.js';
import type { System } from '../../src/system.js';
import { startBenchSystem } from '../bench-system.js';
import { describeShares, systemPids, watchCpu, type CpuShares } from '../cpu-shares.js';
import { waitingIn } from '../../src/waiting-in.js';
import { lookAtRead, startTenant, type BenchTenant } from '../bench-tenant.js';
import { watchFeed, type Feed } from '../feed.js';
import { fewSamples } from '../options.js';
import { round, type Context, type Measured } from '../row.js';
import { medianRatio, percentile } from '../statistics.js';
import { startWriteProbe } from '../write-probe.js';

type Sizes = { people: number; perSecond: number; seconds: number };
const USUAL: Sizes = { people: 200, perSecond: 5, seconds: 20 };
const TINY: Sizes = { people: 20, perSecond: 5, seconds: 2 };
/** Changes of the noisy one, for each change of all others together. */
const NOISE = 20;
const SLOW_MS = 1_000;
const SLOW_PER_SECOND = 10;
const STARTED_AT_ONCE = 4;
/** Unless --samples says how many. */
const TURNS = 3;
const KINDS = ['quiet', 'noisy', 'slow'] as const;
type Kind = (typeof KINDS)[number];
/** A quiet time before and behind each other one, whose leftovers and whose older database it shows. */
const TURN: readonly Kind[] = ['quiet', 'noisy', 'quiet', 'slow'];
/** What isolated changes leave to a sweep has been asked for by then (SETTLE_AFTER), and read. */
const SETTLED_MS = 15_000;
/** By kind, turn by turn: ms from Graph's post to the change on the feed. */
type Taken = Record<Kind, number[][]>;
type Shares = Record<Kind, CpuShares[]>;

type Scene = { context: Context; system: System; feed: Feed; sizes: Sizes };

/**
 * S2: everyone is loaded, then somebody's person changes now and then. In turn: nothing else; one tenant's people change
 * twenty times as often as all others' together; nothing else again; another's change ten times a second, and its Graph
 * takes a second to answer. The reconciler follows all of them with its usual periods.
 */
export async function bearNeighbours(context: Context): Promise<Measured> {
  const { integrations, tiny } = context.options;
  const sizes = tiny ? TINY : USUAL;
  const system = await startBenchSystem(context, { label: 'bench neighbours' });
  const begun = performance.now();
  const tenants = await loadAll(context, system, { integrations, people: sizes.people });
  const loadSeconds = (performance.now() - begun) / 1_000;
  const [noisy, slow, ...others] = tenants as [BenchTenant, BenchTenant, ...BenchTenant[]];
  const feed = await watchFeed(system.eventLog);
  const probe = await startWriteProbe(context.servers);
  const scene: Scene = { context, system, feed, sizes };
  const turns = fewSamples(context.options, TURNS);
  const order: Kind[] = [...Array.from({ length: turns }, () => TURN).flat(), 'quiet'];
  const phases = 1 + order.length;
  const people = await peopleOf(system, others, sizes.perSecond * sizes.seconds * phases);
  const beside: Record<Kind, () => Promise<Stop>> = {
    quiet: () => Promise.resolve(() => Promise.resolve()),
    noisy: () => live(system, noisy, sizes.perSecond * NOISE),
    slow: () => beSlow(system, slow),
  };
  await takePhase(scene, people);
  const taken: Taken = { quiet: [], noisy: [], slow: [] };
  const shares: Shares = { quiet: [], noisy: [], slow: [] };
  const floor: Taken = { quiet: [], noisy: [], slow: [] };
  for (const kind of order) {
    await settled(system, context.options);
    const stop = await beside[kind]();
    const used = watchCpu(systemPids(context.servers, system));
    const written = probe.watch();
    taken[kind].push(await takePhase(scene, people).finally(stop));
    shares[kind].push(used());
    floor[kind].push([...(await written())]);
    context.say(`S2: ${kind}, p99 ${round(percentile(taken[kind].at(-1) ?? [], 0.99), 0)} ms`);
  }
  await probe.stop();
  await feed.stop();
  await system.stop();
  return judge(taken, { loadSeconds, integrations, sizes, shares, floor });
}

type Stop = () => Promise<unknown>;

async function loadAll(
  context: Context,
  system: System,
  { integrations, people }: { integrations: number; people: number },
): Promise<BenchTenant[]> {
  const tenants: BenchTenant[] = [];
  let left = integrations;
  const start = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      tenants.push(await startTenant(system, { people, guests: 0 }));
    }
  };
  await Promise.all(Array.from({ length: Math.min(STARTED_AT_ONCE, integrations) }, start));
  let open = [...tenants];
  const isLoaded = async ({ integrationId }: BenchTenant): Promise<boolean> =>
    (await lookAtRead(system, integrationId, 'users')) === null &&
    (await lookAtRead(system, integrationId, 'mfa')) === null;
  const look = async (): Promise<boolean> => {
    const still: BenchTenant[] = [];
    for (const one of open) if (!(await isLoaded(one))) still.push(one);
    open = still;
    context.say(`S2: ${integrations - open.length} of ${integrations} integrations are loaded`);
    return open.length === 0;
  };
  await eventually(look, { within: 30 * 60_000, every: 5_000, what: 'every integration is loaded' });
  await drained(system);
  return tenants;
}

const drained = (system: System): Promise<unknown> =>
  eventually(async () => (await waitingIn(system)) === 0, { within: 300_000, every: 200, what: 'nothing waits' });

/** Nothing of the phase before is left, its sweeps among it. */
async function settled(system: System, { tiny }: { tiny: boolean }): Promise<void> {
  await drained(system);
  if (tiny) return;
  await sleep(SETTLED_MS);
  await drained(system);
}

type Somebody = { tenantId: string; id: string };

/** So many people of these tenants in turn, each to be changed once. */
async function peopleOf(system: System, tenants: readonly BenchTenant[], count: number): Promise<Somebody[]> {
  const each = Math.ceil(count / tenants.length);
  const people: Somebody[][] = [];
  for (const { tenant } of tenants) {
    const { users } = await system.simulator.call('GET', `/tenants/${tenant.tenantId}/truth?top=${each}`);
    people.push(users.map(({ id }: { id: string }) => ({ tenantId: tenant.tenantId, id })));
  }
  return Array.from({ length: each }, (_, index) => people.flatMap((some) => some[index] ?? []))
    .flat()
    .reverse();
}

/** Random life of one tenant, until it is stopped. */
async function live({ simulator }: System, { tenant }: BenchTenant, perSecond: number): Promise<Stop> {
  const setRate = (rate: number): Promise<unknown> =>
    simulator.call('POST', `/tenants/${tenant.tenantId}/activity`, { perSecond: rate });
  await setRate(perSecond);
  return () => setRate(0);
}

async function beSlow(system: System, slow: BenchTenant): Promise<Stop> {
  const rules = [{ type: 'slowAnswer', ms: SLOW_MS, tenantId: slow.tenant.tenantId }];
  await system.simulator.call('PUT', '/faults', { seed: 1, rules });
  const calm = await live(system, slow, SLOW_PER_SECOND);
  return async () => {
    await calm();
    await system.simulator.call('DELETE', '/faults');
  };
}

/** Takes from the end of `people`, so that nobody is changed twice. */
async function takePhase({ system, feed, sizes }: Scene, people: Somebody[]): Promise<number[]> {
  const { perSecond, seconds } = sizes;
  const since = (await readLedger(system.simulator)).at(-1)?.sequence ?? 0;
  const begun = performance.now();
  const chosen: { id: string; mark: string }[] = [];
  const changing: Promise<unknown>[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const early = begun + (index * 1_000) / perSecond - performance.now();
    if (early > 1) await sleep(early);
    const person = people.pop();
    if (!person) throw new Error('nobody is left to be changed: give more --integrations');
    const { tenantId, id } = person;
    const mark = `mark ${people.length}`;
    chosen.push({ id, mark });
    changing.push(system.simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { department: mark }));
  }
  await Promise.all(changing);
  const told = await Promise.all(
    chosen.map(({ mark }) => eventually(() => feed.ofMark(mark), { within: 300_000, every: 100, what: mark })),
  );
  const deliveries = (await readLedger(system.simulator)).filter(({ sequence }) => sequence > since);
  // A sweep may have been faster than Graph's post.
  const sentAt = new Map(deliveries.map((one) => [one.entityId, one.sentAt ?? one.changedAt]));
  return told.map(({ toldAt }, index) => {
    const sent = sentAt.get(chosen[index]?.id ?? '');
    if (sent === undefined) throw new Error(`Graph's ledger has no notification of ${chosen[index]?.id}`);
    return toldAt - sent;
  });
}

/** Of each noisy or slow phase: the mean of the quiet ones before and behind it. */
function quietAround(kind: 'noisy' | 'slow', quiet: readonly number[]): number[] {
  const [, ...behind] = quiet;
  const means = behind.map((value, index) => (value + (quiet[index] ?? value)) / 2);
  return means.filter((_, index) => (index % 2 === 0) === (kind === 'noisy'));
}

type Run = { loadSeconds: number; integrations: number; sizes: Sizes; shares: Shares; floor: Taken };

function judge(taken: Taken, { loadSeconds, integrations, sizes, shares, floor }: Run): Measured {
  const at = (of: Taken, kind: Kind, share: number): number[] => of[kind].map((one) => percentile(one, share));
  const ratioOf = (kind: 'noisy' | 'slow', of = taken): number =>
    medianRatio(at(of, kind, 0.99), quietAround(kind, at(of, 'quiet', 0.99)));
  const inMs = (of: Taken, kind: Kind, share: number): string =>
    at(of, kind, share)
      .map((ms) => round(ms, 0))
      .join(', ');
  const list = (kind: Kind, of = taken): string => `p99 ${inMs(of, kind, 0.99)} ms, p50 ${inMs(of, kind, 0.5)} ms`;
  return {
    measured: `p99 ${round(ratioOf('noisy'))} × (quiet ${list('quiet')}; noisy ${list('noisy')}); beside a slow one ${round(ratioOf('slow'))} × (${list('slow')}); ${integrations} integrations of ${sizes.people} people, loaded in ${round(loadSeconds, 0)} s`,
    met: ratioOf('noisy') <= 1.5,
    samples: { ...taken, shares: [shares], floor: [floor] },
    notes: [
      `the floor, a bare write of one row on the same database: p99 ${round(ratioOf('noisy', floor))} × beside the noisy one, ${round(ratioOf('slow', floor))} × beside the slow one (quiet ${list('quiet', floor)}; noisy ${list('noisy', floor)}; slow ${list('slow', floor)})`,
      ...KINDS.map((kind) => `${kind}: of one core ${describeShares(shares[kind].at(-1) ?? {})}`),
      `the others change ${sizes.perSecond} people a second together, the noisy one ${NOISE} times as many; from Graph's post to the time stamp of the change on the feed, which is sent behind the write`,
    ],
  };
}
