import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Runnable, Suite } from 'mocha';

const titlesIn = (suite: Suite): string[] => [
  ...suite.tests.map(({ title }) => title),
  ...suite.suites.flatMap((inner) => titlesIn(inner)),
];
const rootOf = (runnable: Runnable): Suite => {
  let suite = runnable.parent;
  while (suite?.parent !== undefined) suite = suite.parent;
  assert.ok(suite);
  return suite;
};
const TITLE = /^- \[x\] (.+) \(`[^`]+`\)$/gm;
const NUMBERED = /^[1-7](\.\d)?( and \d\.\d)? /;

describe('the checklist CONTRACT.md', () => {
  const text = readFileSync(new URL('../../CONTRACT.md', import.meta.url), 'utf8');
  const listed = [...text.matchAll(TITLE)].map(([, title = '']) => title);

  it('names every section from 1.1 to 7', () => {
    const sections = [...text.matchAll(/^## (\S+) /gm)].map(([, section]) => section);
    const wanted = '1.1 1.2 1.3 1.4 1.5 1.6 1.7 2 3.1 3.2 3.3 3.4 3.5 3.6 3.7 4 5.1 5.2 5.3 5.4 6.1 6.2 7';
    assert.deepEqual(sections, wanted.split(' '));
  });

  it('lists the contract tests that exist, all of them and no other', function () {
    assert.ok(this.test);
    const existing = titlesIn(rootOf(this.test)).filter((title) => NUMBERED.test(title));
    // Run alone, this file sees itself only.
    const missing = existing.filter((title) => !listed.includes(title));
    assert.deepEqual(missing, []);
    if (existing.length > 0)
      assert.deepEqual(
        listed.filter((title) => !existing.includes(title)),
        [],
      );
    assert.ok(listed.length > 200, `${listed.length}`);
  });
});
