import { startTestSystem, type System } from '../src/system.js';
import type { Context } from './row.js';

export type BenchSystem = { label: string; env?: Record<string, string>; nodeOptions?: string };

/** The whole of it, as ./scripts/start has it, on the servers of the bench; stopped when its row ends at the latest. */
export async function startBenchSystem({ servers }: Pick<Context, 'servers'>, spec: BenchSystem): Promise<System> {
  const { kafkaBrokers, mongodbUri, tls } = servers;
  const both = { kafkaBrokers, mongodbUri };
  const system = await startTestSystem({
    ...spec,
    tls,
    ownServers: () => Promise.resolve({ given: both, direct: both }),
  });
  servers.started.add(system);
  const stop = async (): Promise<void> => {
    servers.started.delete(system);
    await system.stop();
  };
  return { ...system, stop };
}
