import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Clocks = {
  /** NODE_OPTIONS of the processes whose clock it is. */
  readonly nodeOptions: string;
  /** Their time less ours from a moment on, ms: all of them jump together, whatever they do. */
  readonly set: (shiftMs: number) => void;
  readonly shift: () => number;
  readonly remove: () => void;
};

/** Each process looks every 50 ms; by then all have seen it, on a busy machine too. */
const AHEAD_MS = 400;

/** The clock of child processes, in the hand of a test. Timers stay real. */
export function setClocks(): Clocks {
  const folder = mkdtempSync(join(tmpdir(), 'muster-clock-'));
  const file = join(folder, 'shift');
  const shim = new URL('../chaos/shifted-clock.mjs', import.meta.url);
  shim.searchParams.set('file', file);
  let current = 0;
  return {
    nodeOptions: `--import=${shim.href}`,
    set: (shift) => {
      writeFileSync(`${file}.new`, JSON.stringify({ shift, from: Date.now() + AHEAD_MS }));
      renameSync(`${file}.new`, file);
      current = shift;
    },
    shift: () => current,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
