import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLayout } from './stack/layout.js';

const { root } = createLayout();

/** `a/{b,c}.test.ts` names two files. */
const expand = (path: string): string[] => {
  const [, before = '', names, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return names === undefined ? [path] : names.split(',').map((name) => before + name + after);
};
const toFile = (path: string): string => path.replace(/^(receiver|admin)\//, 'services/$1/');

describe('docs/security.md', () => {
  const lines = readFileSync(join(root, 'docs', 'security.md'), 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !/^\| (#|-+|edge) /.test(line));

  it('names a test in each row, and each is there', () => {
    assert.ok(rows.length > 15, String(rows.length));
    for (const row of rows) {
      const named = [...row.matchAll(/([\w./{},-]+\.test\.ts)/g)].flatMap(([path]) => expand(path));
      assert.ok(named.length > 0, row);
      for (const path of named) assert.ok(existsSync(join(root, toFile(path))), path);
    }
  });

  it('quotes words that stand in the test that it names', () => {
    const quoted = rows.flatMap((row) => [...row.matchAll(/`([\w./{},-]+\.test\.ts)` \(([^)]+)\)/g)]);
    assert.ok(quoted.length > 5, String(quoted.length));
    for (const [, path = '', words = ''] of quoted) {
      const texts = expand(path).map((file) => readFileSync(join(root, toFile(file)), 'utf8'));
      for (const some of words.replace(/ …$/, '').split(', '))
        assert.ok(
          texts.some((text) => text.includes(some)),
          `${path} has no "${some}"`,
        );
    }
  });
});
