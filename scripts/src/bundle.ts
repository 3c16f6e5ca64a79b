// Makes each process one file of all its modules, `dist/bundle/main.mjs`: loading them one by one is more than half of the
// CPU that a start takes. It reads the sources; types are checked elsewhere.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const services = readdirSync(join(root, 'services')).map((name) => `services/${name}`);

await build({
  absWorkingDir: root,
  entryPoints: [...services, 'packages/graph-simulator'].map((folder) => ({
    in: `${folder}/src/main.ts`,
    out: `${folder}/dist/bundle/main`,
  })),
  outdir: '.',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['@muster/source'],
  // kafkajs and others tell their errors apart by the names of classes.
  keepNames: true,
  sourcemap: 'linked',
  // For modules in CommonJS that load what Node brings along.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
