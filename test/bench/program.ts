import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyPort, waitUntil } from '@muster/scripts';
import { CORES, pin, type Servers } from './servers.js';

export type Program = {
  pid: number;
  port: number;
  /** CPU seconds that the process has used, user and system. */
  cpu: () => number;
  /** Largest resident set so far, MiB. */
  peakMiB: () => number;
  /** kill -9; resolves when it is gone. */
  kill: () => Promise<void>;
  stop: () => Promise<void>;
};
export type ProgramSpec = {
  name: string;
  /** JavaScript below the checkout. */
  file: string;
  env?: Record<string, string | undefined>;
  nodeArgs?: readonly string[];
  /** Undefined: the core of what is tested. Null: wherever there is room. */
  core?: string | null;
  /** Path that answers 200 once it is ready; null = `ready` decides. */
  readyPath?: string | null;
  /** For programs without HTTP. */
  ready?: () => Promise<boolean>;
  profile?: string | null;
};

const TICKS_PER_SECOND = 100;

/** Of node, for a CPU profile into that folder; none when it is null. */
export const toProfileArgs = (folder: string | null | undefined): string[] =>
  folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];

/** Starts a built program as a process of its own and waits until it is ready. */
export async function startProgram({ stack, layout, started }: Servers, spec: ProgramSpec): Promise<Program> {
  const port = await anyPort();
  const { PATH, HOME, TMPDIR, TZ, LANG } = process.env;
  const child = await stack.start({
    name: spec.name,
    command: process.execPath,
    args: [...(spec.nodeArgs ?? []), ...toProfileArgs(spec.profile), join(layout.root, spec.file)],
    env: { PATH, HOME, TMPDIR, TZ, LANG, NODE_ENV: 'production', LOG_LEVEL: 'info', PORT: String(port), ...spec.env },
  });
  started.add(child);
  let ended = false;
  void child.exited.then(() => (ended = true));
  pin(child.pid, spec.core === null ? CORES?.all : (spec.core ?? CORES?.tested));
  const path = spec.readyPath === undefined ? '/readyz' : spec.readyPath;
  const answers = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}${path}`)).ok;
  const ready = spec.ready ?? (path === null ? () => Promise.resolve(true) : answers);
  const everyMs = 20;
  await waitUntil(ready, { what: `${spec.name} is ready`, withinMs: 60_000, everyMs, isHopeless: () => ended });
  return {
    pid: child.pid,
    port,
    cpu: () => cpuSecondsOf(child.pid),
    peakMiB: () => peakMiBOf(child.pid),
    kill: () => {
      process.kill(child.pid, 'SIGKILL');
      return child.exited.then(() => undefined);
    },
    stop: async () => {
      await child.stop();
      started.delete(child);
    },
  };
}

/** utime and stime are fields 14 and 15; the second field may hold spaces but ends with the last bracket. */
export function cpuSecondsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function peakMiBOf(pid: number): number {
  const kib = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1_024;
}
