import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CORES, type Servers } from './servers.js';

export type OnceSpec = {
  /** JavaScript below the checkout, which ends by itself and prints one line of JSON. */
  file: string;
  env: Record<string, string>;
  nodeArgs?: readonly string[];
};

/** Runs a program to its end, on the core of what is tested; answers what it printed. */
export async function runOnce<T>({ layout, started }: Servers, { file, env, nodeArgs = [] }: OnceSpec): Promise<T> {
  const node = [process.execPath, ...nodeArgs, join(layout.root, file)];
  const [command = '', ...args] = CORES ? ['taskset', '-c', CORES.tested, ...node] : node;
  const { PATH } = process.env;
  const running = promisify(execFile)(command, args, { env: { PATH, NODE_ENV: 'production', ...env } });
  const left = { stop: () => Promise.resolve(void running.child.kill('SIGKILL')) };
  started.add(left);
  const { stdout } = await running.finally(() => started.delete(left));
  // Warnings of the service's own log stand before it.
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}
