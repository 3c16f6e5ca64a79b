import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Start time and command line: a pid alone may by now belong to somebody else. */
function identityOf(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'lstart=,command=', '-ww', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return line === '' || line.includes('<defunct>') ? undefined : line;
  } catch {
    return undefined;
  }
}

export const isRunning = (pid: number): boolean => identityOf(pid) !== undefined;

type Recorded = { readonly name: string; readonly pid: number; readonly identity: string };

const fileOf = (folder: string, name: string): string => join(folder, `${name}.json`);

/** Remembers a child on disk, so that a later start can end it when this one was killed. */
export function recordProcess(folder: string, name: string, pid: number): void {
  const identity = identityOf(pid);
  if (identity === undefined) return;
  writeFileSync(fileOf(folder, name), JSON.stringify({ name, pid, identity } satisfies Recorded));
}

export function forgetProcess(folder: string, name: string): void {
  rmSync(fileOf(folder, name), { force: true });
}

/** What is recorded and still the very same process. */
export function findRecorded(folder: string): Recorded[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => {
    try {
      const recorded = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded;
      return identityOf(recorded.pid) === recorded.identity ? [recorded] : [];
    } catch {
      return [];
    }
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}

/** Ends what an earlier start left behind: asks, waits up to 10 s, then kills. Gives the names. */
export async function endOrphans(folder: string): Promise<string[]> {
  const orphans = findRecorded(folder);
  for (const { pid } of orphans) signalGroup(pid, 'SIGTERM');
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline && orphans.some(({ pid, identity }) => identityOf(pid) === identity))
    await delay(100);
  for (const { pid, identity } of orphans) if (identityOf(pid) === identity) signalGroup(pid, 'SIGKILL');
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
  return orphans.map(({ name }) => name);
}
