import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { createLayout } from './stack/layout.js';

const { root } = createLayout();
const workspace = z.object({
  packages: z.array(z.string()),
  catalog: z.record(z.string(), z.string()),
  catalogMode: z.string(),
  onlyBuiltDependencies: z.array(z.string()),
  overrides: z.record(z.string(), z.string()),
});
const versions = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  dependencies: versions,
  devDependencies: versions,
  peerDependencies: versions,
  optionalDependencies: versions,
});
const readText = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

/** `packages/*` stands for every folder there. */
const toFolders = (pattern: string): string[] =>
  pattern.endsWith('/*')
    ? readdirSync(join(root, pattern.slice(0, -2)), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(pattern.slice(0, -2), name))
    : [pattern];

/** `1.2.3`, or the same of another name; no range, tag or address. */
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

describe('dependencies', () => {
  const { packages, catalog, catalogMode, onlyBuiltDependencies, overrides } = workspace.parse(
    parse(readText('pnpm-workspace.yaml')),
  );

  it('are of one exact version each, which the catalog says', () => {
    const inexact = Object.entries({ ...catalog, ...overrides }).filter(([, version]) => !EXACT.test(version));
    assert.deepEqual(inexact, []);
    assert.equal(catalogMode, 'strict');
    const files = ['', ...packages.flatMap(toFolders)].map((folder) => join(folder, 'package.json'));
    assert.ok(files.length > 15, String(files.length));
    for (const file of files) {
      const found = manifest.parse(JSON.parse(readText(file)));
      const { dependencies, devDependencies, peerDependencies, optionalDependencies } = found;
      const all = { ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies };
      for (const [name, version] of Object.entries(all))
        assert.match(version, /^(catalog:|workspace:\*)$/, `${file}: ${name}`);
    }
  });

  it('run no script of their own when they are installed, but for one', () => {
    assert.deepEqual(onlyBuiltDependencies, ['esbuild']);
  });

  it('stand in the lockfile with the hash of their contents, all from the registry', () => {
    const lockfile = z
      .object({ packages: z.record(z.string(), z.object({ resolution: z.record(z.string(), z.unknown()) })) })
      .parse(parse(readText('pnpm-lock.yaml')));
    const locked = Object.entries(lockfile.packages);
    assert.ok(locked.length > 200, String(locked.length));
    for (const [name, { resolution }] of locked) {
      assert.deepEqual(Object.keys(resolution), ['integrity'], name);
      assert.match(String(resolution['integrity']), /^sha512-/, name);
    }
  });
});
