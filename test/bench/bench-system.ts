import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startTestSystem, type System } from '../src/system.js';
import type { Context } from './row.js';
import { CORES, pinServers } from './servers.js';

export type BenchSystem = { label: string; env?: Record<string, string>; nodeOptions?: string };

/**
 * The whole of it, as ./scripts/start has it, on the servers of the bench; stopped when its row ends at the latest. Nothing
 * is pinned until then: five services, simulator, broker and database share what cores there are.
 */
export async function startBenchSystem(
  { servers, options }: Pick<Context, 'servers' | 'options'>,
  { nodeOptions = '', ...spec }: BenchSystem,
): Promise<System> {
  const { kafkaBrokers, mongodbUri, tls } = servers;
  const both = { kafkaBrokers, mongodbUri };
  pinServers(servers.stack, CORES?.all);
  const system = await startTestSystem({
    ...spec,
    nodeOptions: `${nodeOptions} ${toProfiler(servers.layout.root, options.profile)}`,
    tls,
    ownServers: () => Promise.resolve({ given: both, direct: both }),
  });
  const stop = async (): Promise<void> => {
    servers.started.delete(whole);
    await system.stop();
    pinServers(servers.stack, CORES?.rest);
  };
  const whole = { ...system, stop };
  servers.started.add(whole);
  return whole;
}

/** Of node, for a CPU profile of each of the five services. */
function toProfiler(root: string, folder: string | null): string {
  if (folder === null) return '';
  const shim = pathToFileURL(join(root, 'test', 'bench', 'cpu-profile.mjs'));
  shim.searchParams.set('folder', resolve(folder));
  return `--import=${shim.href}`;
}
