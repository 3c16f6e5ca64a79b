import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';

/** Where things lie. `downloads` is shared by every run; `home` belongs to one running system. */
export type Layout = {
  readonly root: string;
  readonly downloads: string;
  readonly home: string;
  readonly logs: string;
  readonly run: string;
  readonly data: string;
  readonly tls: string;
  readonly keysFile: string;
};

/** The checkout: three folders up from `scripts/src/stack`, four from `scripts/dist/src/stack`. */
function findRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return resolve(here, here.includes(join('scripts', 'dist')) ? '../../../..' : '../../..');
}

export function createLayout(home = '.muster', root = findRoot()): Layout {
  const absolute = resolve(root, home);
  const layout = {
    root,
    downloads: join(root, '.muster'),
    home: absolute,
    logs: join(absolute, 'logs'),
    run: join(absolute, 'run'),
    data: join(absolute, 'data'),
    tls: join(absolute, 'tls'),
    keysFile: join(absolute, 'keys.json'),
  };
  for (const folder of [layout.downloads, layout.logs, layout.run, layout.data]) mkdirSync(folder, { recursive: true });
  return layout;
}

/** Forgets everything a run has kept; downloads stay. */
export function wipe(layout: Layout): void {
  for (const path of [layout.data, layout.logs, layout.tls, layout.keysFile])
    rmSync(path, { recursive: true, force: true });
  for (const folder of [layout.logs, layout.data]) mkdirSync(folder, { recursive: true });
}
