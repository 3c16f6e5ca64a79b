// Makes each process one file of all its modules, `dist/bundle/main.mjs`: loading them one by one is more than half of the
// CPU that a start takes. It reads the sources; types are checked elsewhere.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const services = readdirSync(join(root, 'services')).map((name) => `services/${name}`);

const options: BuildOptions = {
  absWorkingDir: root,
  outdir: '.',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['@muster/source'],
  sourcemap: 'linked',
  // For modules in CommonJS that load what Node brings along.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);",
  },
  logLevel: 'warning',
};
const bundle = (folders: readonly string[], keepNames: boolean): Promise<unknown> =>
  build({
    ...options,
    keepNames,
    entryPoints: folders.map((folder) => ({ in: `${folder}/src/main.ts`, out: `${folder}/dist/bundle/main` })),
  });

// mongoose and MSAL tell classes apart by their names, which bundling changes where two are alike. Keeping them costs a call
// for every function that is made: a tenth of what a request costs the receiver, which has neither.
const isReceiver = (folder: string): boolean => folder === 'services/receiver';
await Promise.all([
  bundle(services.filter(isReceiver), false),
  bundle([...services.filter((folder) => !isReceiver(folder)), 'packages/graph-simulator'], true),
]);
