import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from './exclusively.js';
import type { Layout } from './layout.js';
import { hasPython311 } from './requirements.js';
import { StackError } from './stack-error.js';
import type { Stack } from './stack.js';

/** A virtual environment of Python under `.muster/`. */
export type VenvSpec = {
  readonly name: string;
  /** What pip is asked to install. */
  readonly packages: readonly string[];
  /** Says what is in it: when this changes, it is made anew. */
  readonly version: string;
};

export const venvOf = (layout: Layout, { name }: VenvSpec): string => join(layout.downloads, name);
const markerOf = (layout: Layout, spec: VenvSpec): string => join(venvOf(layout, spec), '.complete');
// A virtual environment holds absolute paths: one that was moved has to be made again.
const markerText = (layout: Layout, spec: VenvSpec): string => `${spec.version} in ${venvOf(layout, spec)}`;

export function isVenvMade(layout: Layout, spec: VenvSpec): boolean {
  const marker = markerOf(layout, spec);
  return existsSync(marker) && readFileSync(marker, 'utf8') === markerText(layout, spec);
}

/** Makes it and fills it, once; pip reads the machine's own configuration. */
export async function makeVenv(stack: Stack, spec: VenvSpec): Promise<void> {
  const { layout } = stack;
  const venv = venvOf(layout, spec);
  await exclusively(join(layout.downloads, `${spec.name}.lock`), async () => {
    if (isVenvMade(layout, spec)) return;
    if (!(await hasPython311()))
      throw new StackError(
        'Python 3.11 or later is missing.',
        'Install it, for example: apt install python3 python3-venv',
      );
    rmSync(venv, { recursive: true, force: true });
    await stack.run({ name: `${spec.name}-create`, command: 'python3', args: ['-m', 'venv', venv], env: process.env });
    await stack.run({
      name: `${spec.name}-install`,
      command: join(venv, 'bin', 'python'),
      args: ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', ...spec.packages],
      env: process.env,
    });
    writeFileSync(markerOf(layout, spec), markerText(layout, spec));
  });
}
