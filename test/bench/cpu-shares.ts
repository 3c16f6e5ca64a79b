import { SERVICES } from '@muster/scripts';
import type { System } from '../src/system.js';
import { cpuSecondsOf } from './program.js';
import { round } from './row.js';
import type { Servers } from './servers.js';

/** Percent of one core that each process used, by name. */
export type CpuShares = Readonly<Record<string, number>>;

/** Starts to look; the answer is for the time from now until it is called. A process that ended in between is left out. */
export function watchCpu(pids: Readonly<Record<string, number | undefined>>): () => CpuShares {
  const begun = performance.now();
  const read = (): Map<string, number> => {
    const found = new Map<string, number>();
    for (const [name, pid] of Object.entries(pids)) {
      try {
        if (pid !== undefined) found.set(name, cpuSecondsOf(pid));
      } catch {
        // It has ended.
      }
    }
    return found;
  };
  const before = read();
  return () => {
    const seconds = (performance.now() - begun) / 1_000;
    return Object.fromEntries(
      [...read()].flatMap(([name, used]) => {
        const earlier = before.get(name);
        return earlier === undefined ? [] : [[name, round(((used - earlier) / seconds) * 100, 0)]];
      }),
    );
  };
}

/** Broker and database of the bench. */
export const serverPids = ({ stack }: Pick<Servers, 'stack'>): Record<string, number | undefined> => ({
  Kafka: stack.pidOf('kafka'),
  database: stack.pidOf('mongo'),
});

/** The five services, the simulator, broker and database. */
export const systemPids = (servers: Pick<Servers, 'stack'>, system: System): Record<string, number | undefined> => ({
  ...serverPids(servers),
  ...Object.fromEntries([...SERVICES, 'simulator'].map((name) => [name, system.pidOf(name)])),
});

/** The busiest first. */
export const describeShares = (shares: CpuShares): string =>
  Object.entries(shares)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, share]) => `${name} ${share} %`)
    .join(', ');
