import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Runnable, Suite } from 'mocha';

/** Where the number stands at the suite, as with sign-in, it counts for all its tests. */
const titlesIn = (suite: Suite): string[] => [
  ...suite.tests.map(({ title }) => (/^8\.\d/.test(suite.title) ? `${suite.title} ${title}` : title)),
  ...suite.suites.flatMap((inner) => titlesIn(inner)),
];
/** By their last part; a run may be of some files only. */
const filesIn = (suite: Suite): string[] => [
  ...suite.tests.map(({ file }) => basename(file ?? '')),
  ...suite.suites.flatMap((inner) => filesIn(inner)),
];
const rootOf = (runnable: Runnable): Suite => {
  let suite = runnable.parent;
  while (suite?.parent !== undefined) suite = suite.parent;
  assert.ok(suite);
  return suite;
};
const TITLE = /^- \[x\] (.+) \(`([^`]+)`\)$/gm;
const NUMBERED = /^[1-8](\.\d)?( (and|to) \d\.\d)? /;
/** Every number of the contract's table 8.3. */
const ERRORS = [
  ...[7000215, 7000222, 700016, 7000229, 90002, 900023, 65001, 90094, 90095, 65004, 650056, 650057, 500011, 50020],
  ...[53003, 700082, 70008, 70043, 54005, 7000112, 90033, 90024, 90090],
];

describe('the checklist CONTRACT.md', () => {
  const text = readFileSync(new URL('../../CONTRACT.md', import.meta.url), 'utf8');
  const entries = [...text.matchAll(TITLE)].map(([, title = '', file = '']) => ({ title, file }));
  const listed = entries.map(({ title }) => title);

  it('names every section from 1.1 to 8', () => {
    const sections = [...text.matchAll(/^## (\S+) /gm)].map(([, section]) => section);
    const wanted = '1.1 1.2 1.3 1.4 1.5 1.6 1.7 2 3.1 3.2 3.3 3.4 3.5 3.6 3.7 4 5.1 5.2 5.3 5.4 6.1 6.2 7 8';
    assert.deepEqual(sections, wanted.split(' '));
  });

  it('names every error of 8.3 in a test', () => {
    const named = listed.filter((title) => title.startsWith('8.')).join(' ');
    assert.deepEqual(
      ERRORS.filter((number) => !new RegExp(`\\b(AADSTS)?${number}\\b`).test(named)),
      [],
    );
  });

  it('lists the contract tests that exist, all of them and no other', function () {
    assert.ok(this.test);
    const root = rootOf(this.test);
    const existing = titlesIn(root).filter((title) => NUMBERED.test(title));
    const loaded = new Set(filesIn(root));
    const missing = existing.filter((title) => !listed.includes(title));
    assert.deepEqual(missing, []);
    const wanted = entries.filter(({ file }) => loaded.has(file));
    assert.deepEqual(
      wanted.filter(({ title }) => !existing.includes(title)),
      [],
    );
    assert.ok(listed.length > 200, `${listed.length}`);
  });
});
