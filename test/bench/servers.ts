import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import type { Layout, Stack } from '@muster/scripts';

/** The broker and the database that everything in a run is measured on. */
export type Servers = {
  stack: Stack;
  layout: Layout;
  kafkaBrokers: string;
  mongodbUri: string;
  tls: { certFile: string; keyFile: string; caFile: string };
  /** What the database says that it is. */
  database: string;
  /** What the row under way has started; what it leaves behind is stopped when it ends. */
  started: Set<Stoppable>;
};
export type Stoppable = { stop: () => Promise<void> };

/** The program under test has a core for itself, as far as others let it; load, broker and database have the other. */
export const CORES =
  cpus().length > 1 && hasTaskset() ? { tested: '0', rest: '1', all: `0-${cpus().length - 1}` } : null;

function hasTaskset(): boolean {
  return process.platform === 'linux' && spawnSync('taskset', ['-c', '0', 'true']).status === 0;
}

/** Moves a process and all its threads to these cores; does nothing where that cannot be done. */
export function pin(pid: number | undefined, cores: string | undefined): void {
  if (pid === undefined || cores === undefined || !CORES) return;
  spawnSync('taskset', ['-a', '-c', '-p', cores, String(pid)]);
}

/** Load, broker and database, for whatever is started from now on: what a process starts begins on the cores of its own. */
export function pinServers(stack: Stack, cores: string | undefined): void {
  pin(process.pid, cores);
  for (const name of ['kafka', 'mongo']) pin(stack.pidOf(name), cores);
}

/** Names of a row's own: topics and database. */
export function createScope(servers: Servers, label: string): { prefix: string; mongodbUri: string } {
  const name = `bench-${label.toLowerCase()}-${randomBytes(3).toString('hex')}`;
  const uri = new URL(servers.mongodbUri);
  uri.pathname = `/${name}`;
  return { prefix: `${name}.`, mongodbUri: uri.href };
}
