import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function take(lockFile: string): boolean {
  try {
    const file = openSync(lockFile, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function dropIfHolderIsGone(lockFile: string): void {
  try {
    const holder = Number(readFileSync(lockFile, 'utf8'));
    if (holder > 0 && !isAlive(holder)) rmSync(lockFile, { force: true });
  } catch {
    // Released meanwhile.
  }
}

/** One process at a time does the work (two starts must not download into the same folder). */
export async function exclusively<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  while (!take(lockFile)) {
    dropIfHolderIsGone(lockFile);
    await delay(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}
