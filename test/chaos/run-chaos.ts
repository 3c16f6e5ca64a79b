import { eventually } from '@muster/test-support';
import type { Connected } from '../src/connect-tenant.js';
import { allowRemovals } from './allow-removals.js';
import type { ChaosSystem } from './chaos-system.js';
import { CLOCK_FAULTS } from './clock-faults.js';
import { COPY_FAULTS } from './copy-faults.js';
import { DATABASE_FAULTS } from './database-faults.js';
import { last, withRules, type Fault, type Scene } from './fault.js';
import { GRAPH_FAULTS, GRAPH_ILLNESSES } from './graph-faults.js';
import { LOG_FAULTS } from './log-faults.js';
import { NETWORK_FAULTS } from './network-faults.js';
import { createOracle, isClean, type Oracle, type Verdict } from './oracle.js';
import { planStrikes, type Strike } from './plan-strikes.js';
import { probeNotified } from './probe-notified.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { toBrief } from './random.js';
import { SECRET_FAULTS } from './secret-faults.js';
import { SUBSCRIPTION_FAULTS } from './subscription-faults.js';
import { TENANT_FAULTS } from './tenant-faults.js';

/** By what they strike. */
export const FAULT_GROUPS: readonly (readonly [string, readonly Fault[]])[] = [
  ['processes and servers that die and stall', PROCESS_FAULTS],
  ['a database that takes no writes', DATABASE_FAULTS],
  ['copies beside the first', COPY_FAULTS],
  ['networks that are ill', NETWORK_FAULTS],
  ['what Graph does', GRAPH_FAULTS],
  ['subscriptions that end', SUBSCRIPTION_FAULTS],
  ['secrets', SECRET_FAULTS],
  ['what is in the log', LOG_FAULTS],
  ['tenants side by side', TENANT_FAULTS],
  ['clocks', CLOCK_FAULTS],
];
/** Graph may be ill as well while these strike: they set no rules of its own. */
const BENEATH: ReadonlySet<Fault> = new Set([...PROCESS_FAULTS, ...DATABASE_FAULTS, ...COPY_FAULTS, ...NETWORK_FAULTS]);
export const FAULTS: readonly Fault[] = FAULT_GROUPS.flatMap(([, faults]) => faults);

export type ChaosSettings = {
  readonly seed: number;
  readonly minutes: number;
  readonly changesPerSecond: number;
  /** How long it may take after the last fault until all is true again. */
  readonly convergeWithinMs?: number;
  /** Each fault lasts about as short as it may. */
  readonly brief?: boolean;
  /** Only kinds whose name has one of these; all of them unless it is given. */
  readonly only?: readonly string[];
  readonly say?: (line: string) => void;
};

export type ChaosReport = Verdict & {
  readonly seed: number;
  /** For how long faults were to strike at least. */
  readonly minutes: number;
  /** How often each kind struck; 0 of those whose turn did not come. */
  readonly faults: Readonly<Record<string, number>>;
  /** One behind the other, in seconds of the run, with what a strike waits for; `onTop`: what Graph did meanwhile. */
  readonly strikes: readonly { row: string; onTop: string | null; begunAt: number; endedAt: number }[];
  /** A fault whose own promise did not hold, such as 503 within 2.5 s. */
  readonly failedFaults: readonly string[];
  /** What was made in the directory while faults struck. */
  readonly changes: { readonly made: number; readonly seconds: number };
  readonly convergedAfterMs: number;
  /** Changes behind the end that nothing but a notification could tell of, and that none did, in words. */
  readonly unheard: readonly string[];
  /** Services that ended of their own accord, to be started anew: told, for it is allowed where nothing is lost by it. */
  readonly ended: readonly string[];
};

const CONVERGE_WITHIN_MS = 360_000;
/** A shorter run is no proof: not every kind of fault has its turn in it. */
export const PROOF_MINUTES = 30;
/** Of each kind, in a proof. */
export const LEAST_STRIKES = 3;

/** A run that is to be a proof goes on until every kind has struck often enough, which takes machines longer or shorter. */
export const isOver = (
  elapsedMs: number,
  { minutes, faults }: { minutes: number; faults: Readonly<Record<string, number>> },
): boolean =>
  elapsedMs > minutes * 60_000 &&
  (minutes < PROOF_MINUTES || Object.values(faults).every((count) => count >= LEAST_STRIKES));

/** In the tenant that is never quiet; the others are. Answers how many changes were made in it before. */
export async function setActivity(chaos: ChaosSystem, perSecond: number, seed = 1): Promise<{ changes: number }> {
  const set = ({ tenant }: Connected, rate: number): Promise<{ changes: number }> =>
    chaos.system.simulator.call('POST', `/tenants/${tenant.tenantId}/activity`, { perSecond: rate, seed });
  for (const one of Object.values(chaos.beside)) await set(one, 0);
  return set(chaos.connected, perSecond);
}

/** Throws where a name is of no kind. */
export function chooseFaults(only?: readonly string[]): readonly Fault[] {
  if (!only) return FAULTS;
  const stranger = only.find((name) => FAULTS.every(({ row }) => !row.includes(name)));
  if (stranger !== undefined)
    throw new Error(`no fault is named ${stranger}; docs/fault-matrix.md says which there are`);
  return FAULTS.filter(({ row }) => only.some((name) => row.includes(name)));
}

export const schedule = (seed: number, faults: readonly Fault[] = FAULTS): Generator<Strike> =>
  planStrikes(seed, { faults, beneath: BENEATH, illnesses: GRAPH_ILLNESSES });

/** Ends whatever a fault that failed half-way has left. */
export async function heal({ system, network, refusals, clocks }: ChaosSystem): Promise<void> {
  if (clocks.shift() !== 0) clocks.set(0);
  network.kafka.setToxics([]);
  network.mongo.setToxics([]);
  refusals.set(undefined);
  const end = (): Promise<boolean> => system.simulator.call('DELETE', '/faults').then(() => true);
  await eventually(end, { within: 60_000, every: 500, what: 'the simulator takes its faults back' });
}

const strike = ({ fault, onTop }: Strike, scene: Scene): Promise<void> =>
  onTop ? withRules(scene, onTop.rules, () => fault.strike(scene)) : fault.strike(scene);

export async function runChaos(chaos: ChaosSystem, settings: ChaosSettings, given?: Oracle): Promise<ChaosReport> {
  const { seed, minutes, changesPerSecond, say = () => undefined } = settings;
  const oracle = given ?? (await createOracle(chaos));
  const chosen = chooseFaults(settings.only);
  const faults: Record<string, number> = Object.fromEntries(chosen.map(({ row }) => [row, 0]));
  const failedFaults: string[] = [];
  const strikes: ChaosReport['strikes'][number][] = [];
  const begun = performance.now();
  const elapsed = (): number => Math.round((performance.now() - begun) / 1000);
  const { changes: before } = await setActivity(chaos, changesPerSecond, seed);
  for (const planned of schedule(seed, chosen)) {
    if (isOver(performance.now() - begun, { minutes, faults })) break;
    const { row } = planned.fault;
    const random = settings.brief ? toBrief(planned.random) : planned.random;
    const onTop = planned.onTop?.row ?? null;
    const begunAt = elapsed();
    say(`${String(begunAt).padStart(5)} s  ${row}${onTop ? `; on top, ${onTop}` : ''}`);
    faults[row] = (faults[row] ?? 0) + 1;
    await strike(planned, { ...chaos, random }).catch((error: unknown) => {
      failedFaults.push(`${row}: ${error instanceof Error ? error.message : String(error)}`);
      say(`         ${failedFaults.at(-1)!}`);
    });
    await heal(chaos);
    strikes.push({ row, onTop, begunAt, endedAt: elapsed() });
    await allowRemovals(chaos).catch(() => undefined); // admin, Kafka or the database may still be away
    await last(random.between(500, 2_500));
  }
  const { changes: after } = await setActivity(chaos, 0);
  const seconds = elapsed();
  say(`${String(seconds).padStart(5)} s  no more faults and changes`);
  const ended = performance.now();
  const verdict = await oracle.converge(settings.convergeWithinMs ?? CONVERGE_WITHIN_MS, say);
  const convergedAfterMs = Math.round(performance.now() - ended);
  const unheard = isClean(verdict) ? await probeNotified(chaos) : [];
  if (!given) await oracle.stop();
  return {
    seed,
    minutes,
    faults,
    strikes,
    failedFaults,
    changes: { made: after - before, seconds },
    convergedAfterMs,
    unheard,
    ended: [...chaos.ended],
    ...verdict,
  };
}
