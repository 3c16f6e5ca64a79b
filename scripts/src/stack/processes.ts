import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.js';
import { forgetProcess, recordProcess } from './orphans.js';
import { StackError } from './stack-error.js';

export type ProcessSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Share the terminal instead of writing to a log file (a test runner). */
  readonly inherit?: boolean;
  /** Standard output goes into a pipe that nobody reads in place of the log file; errors still go there. */
  readonly unread?: boolean;
};

export type Exit = { readonly code: number | undefined; readonly signal: NodeJS.Signals | undefined };

export type Child = {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** SIGTERM to its whole group, SIGKILL after the grace time; settles when it is gone. */
  readonly stop: (graceMs?: number) => Promise<void>;
  readonly kill: () => void;
};

export const logFileOf = (layout: Layout, name: string): string => join(layout.logs, `${name}.log`);

/** The end of a log, for the line that says why a child died. */
export function lastLogLines(layout: Layout, name: string, count = 15): string {
  const file = logFileOf(layout, name);
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

/** One earlier log is kept; a restart within a run appends. */
export function rotateLog(layout: Layout, name: string): void {
  const file = logFileOf(layout, name);
  if (existsSync(file)) renameSync(file, `${file}.1`);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone: that is what was wanted.
  }
}

/** Starts a child in a group of its own, so that Ctrl-C reaches only the starter, which stops all in order. */
export async function startProcess(layout: Layout, spec: ProcessSpec): Promise<Child> {
  const log = spec.inherit ? undefined : openSync(logFileOf(layout, spec.name), 'a');
  const output = log ?? ('inherit' as const);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd ?? layout.root,
    env: { ...spec.env },
    detached: true,
    stdio: ['ignore', spec.unread ? 'pipe' : output, output],
  });
  const exited = new Promise<Exit>((settle) => {
    child.once('exit', (code, signal) => {
      child.stdout?.destroy();
      settle({ code: code ?? undefined, signal: signal ?? undefined });
    });
  });
  await new Promise<void>((settle, fail) => {
    child.once('spawn', settle);
    child.once('error', (error) => fail(new StackError(`${spec.name} could not be started: ${error.message}`)));
  }).finally(() => {
    if (log !== undefined) closeSync(log);
  });
  const pid = child.pid ?? 0;
  recordProcess(layout.run, spec.name, pid);
  let ended = false;
  const gone = exited.then((exit) => {
    // A helper it left behind (npm's child, a shell's) goes with it.
    signalGroup(pid, 'SIGKILL');
    ended = true;
    forgetProcess(layout.run, spec.name);
    return exit;
  });
  // Its number may belong to another once it has ended.
  const signal = (name: NodeJS.Signals): void => {
    if (!ended) signalGroup(pid, name);
  };
  return {
    name: spec.name,
    pid,
    exited: gone,
    async stop(graceMs = 10_000) {
      signal('SIGTERM');
      const killer = setTimeout(() => signal('SIGKILL'), graceMs);
      await gone.finally(() => clearTimeout(killer));
    },
    kill: () => signal('SIGKILL'),
  };
}
